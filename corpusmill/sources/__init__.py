"""One module a corpus family, over safe stream readers: a dump's bytes in, records and rejects out.

A source names the cleaning rules of its texts and knows nothing of how they work; `pipeline` applies them.
"""

from corpusmill import recipe
from corpusmill.sources.books import BooksSource
from corpusmill.sources.pile import PileSource
from corpusmill.sources.pushshift import PushshiftSource
from corpusmill.sources.records import Comment, Reason, Record, Reject, Removal

__all__ = [
    "BooksSource",
    "Comment",
    "PileSource",
    "PushshiftSource",
    "Reason",
    "Record",
    "Reject",
    "Removal",
    "source_of",
]


def source_of(entry: recipe.Source) -> BooksSource | PileSource | PushshiftSource:
    """The reader of a recipe's entry."""
    match entry:
        case recipe.Books():
            return BooksSource(entry)
        case recipe.Pile():
            return PileSource(entry)
        case recipe.Pushshift():
            return PushshiftSource(entry)
