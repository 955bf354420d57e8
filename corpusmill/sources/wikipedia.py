"""Wikipedia: a document an article, its title, an empty line, and its text, as in the Pile.

From MediaWiki's own dump, from what wikiextractor or Hugging Face made of one; redirects, pages outside of
the main namespace and articles that are a title only are removed under those names.
The surprising thing: entities have been resolved by then, so ftfy is not to look for any; only Hugging
Face's text has some left.
"""

from collections.abc import Iterator

from corpusmill.entries import Fields, Wikipedia
from corpusmill.sources import mediawiki, wikiextractor
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import Framed, RawRecord, Reason, Record, Reject, Removal, Unusable, rejected
from corpusmill.sources.rows import META, row_records
from corpusmill.sources.wikiextractor import Article
from corpusmill.sources.wikitext import plain_text

REDIRECT = "redirect"  # reason of the removal of a page that only leads to another
NOT_AN_ARTICLE = "not_an_article"  # of a page outside of the main namespace: talk, templates, categories
NOT_WIKITEXT = "not_wikitext"  # of a page in another content model: scripts, data, style sheets
TITLE_ONLY = "title_only"  # of an article without running text; wikiextractor leaves redirects as such
_FIELDS = Fields(text=["text"], meta=["id", "url", "title"])


class _Left(Exception):  # noqa: N818  (what becomes of a record)
    """A valid record that a rule leaves out; the message is its name."""


class WikipediaSource:
    """Articles of one recipe entry. `rules` clean an article."""

    def __init__(self, entry: Wikipedia) -> None:
        self.name = entry.name
        self._layout = entry.layout
        ftfy = "ftfy" if entry.layout == "parquet" else "ftfy_no_unescape"
        self.rules = ("newlines", ftfy, "whitespace", "opt_wikipedia", "whitespace")

    def records(self, path: str, raw: RawFile) -> Iterator[Framed]:
        """Every page of a dump, every article of wikiextractor's, or every row."""
        match self._layout:
            case "xml":
                return mediawiki.page_records(path, raw, self.name)
            case "wikiextractor":
                return wikiextractor.article_records(path, raw, self.name)
            case "parquet":
                return row_records(path, raw, self.name, _FIELDS)

    def document(self, record: RawRecord) -> Record | Reject | Removal:
        """An article; never raises for bad data. `meta` has `id`, `title`, `url` and `revid` where they are
        known."""
        try:
            article = self._article(record)
            if not article.body:
                raise _Left(TITLE_ONLY)
        except _Left as rule:
            return Removal(source=self.name, reason=str(rule), bytes=len(record.content))
        except Unusable as error:
            return rejected(record, self.name, error.reason, str(error))
        text = f"{article.title}\n\n{article.body}" if article.title else article.body
        return Record(record=record.record, source=self.name, text=text, meta=dict(article.meta))

    def _article(self, record: RawRecord) -> Article:
        match self._layout:
            case "xml":
                return _from_dump(record)
            case "wikiextractor":
                return wikiextractor.article(record.content)
            case "parquet":
                return _from_row(record)


def _from_dump(record: RawRecord) -> Article:
    note = record.note or {}
    page = mediawiki.page(record.content, note)
    if page.namespace != 0:
        raise _Left(NOT_AN_ARTICLE)
    if page.redirect or (page.text or "").lstrip()[:9].lower() == "#redirect":
        raise _Left(REDIRECT)
    if page.model not in (None, "wikitext"):
        raise _Left(NOT_WIKITEXT)
    if not (page.text or "").strip():
        raise Unusable(Reason.EMPTY, "no text: it was deleted, or the dump is one without texts")
    url = mediawiki.url(page.title, note)
    meta = {"id": page.id, "title": page.title, "revid": page.revid, **({"url": url} if url else {})}
    return Article(page.title, plain_text(page.text or "", note["namespaces"].items()), meta)


def _from_row(record: RawRecord) -> Article:
    carried = (record.note or {}).get(META, {})
    meta = {key: str(value) for key, value in carried.items() if isinstance(value, str | int)}
    title = meta.get("title", "")
    return Article(title, wikiextractor.without_title(record.content.decode(), title), meta)
