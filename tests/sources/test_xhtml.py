import pytest

from corpusmill.sources.records import Reason, Unusable
from corpusmill.sources.xhtml import text_of

XML = (
    '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><body>{}</body></html>'
)


def both(body: str) -> str:
    """The text, the same whether it is read as XML or, for a tag that is left open, as HTML."""
    text = text_of(XML.format(body).encode())
    assert text_of(XML.format(body + "<i>").encode()) == text
    return text


def test_blocks_are_paragraphs_and_white_space_is_as_a_page_shows_it() -> None:
    body = """
      <h1>Chapter\n One</h1>
      <p>It <i>was</i> a dark<br/>
         and <b>stormy </b> night.</p><p>  </p>
      bare text <div><p>Deep.</p>after</div> tail
    """
    assert both(body) == (
        "Chapter One\n\nIt was a dark\nand stormy night.\n\nbare text\n\nDeep.\n\nafter\n\ntail"
    )


def test_rows_and_items_have_a_line_each_and_cells_a_space_between_them() -> None:
    table = "<table><tr><td>a</td><td>b</td></tr> <tr><th><p>c</p></th><td>d</td></tr></table>"
    assert both(f"<ul><li>one</li> <li>two</li></ul>{table}") == "one\ntwo\n\na b\n\nc\n\nd"


def test_preformatted_text_keeps_its_white_space() -> None:
    assert both("<p>x</p><pre>  a  b\n    c\n</pre> y") == "x\n\n  a  b\n    c\n\ny"


def test_two_line_breaks_are_a_paragraph_and_more_are_no_more() -> None:
    assert both("a<br/>b<br/><br/>c<br/><br/><br/><br/>d") == "a\nb\n\nc\n\nd"


def test_what_no_reader_reads_is_left_out_and_the_text_behind_it_is_not() -> None:
    body = (
        "a<script>x</script>b<style>p {}</style>c<nav><p>toc</p></nav>d<img alt='no' src='x.png'/>e"
        "<!-- no -->f<svg><title>no</title></svg>g<span epub:type='pagebreak'>12</span>h"
    )
    chapter = XML.format(body).replace("<html", "<html xmlns:epub='http://www.idpf.org/2007/ops'")
    assert text_of(chapter.encode()) == text_of(chapter.replace("</body>", "<i>").encode()) == "abc\n\ndefgh"
    assert text_of(b"<html><head><title>no</title></head><body>yes</body></html>") == "yes"
    assert text_of(b"<html><head><title/></head><body>yes<a id='x'/>, yes</body></html>") == "yes, yes"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("caf&eacute;&nbsp;&#233; &lt;b&gt; &amp;amp; &hellip;", "café\xa0é <b> &amp; …"),
        ("&NotEqualTilde; &unknown; &#x1F600;", "≂̸ &unknown; 😀"),
    ],
)
def test_entities_are_resolved(source: str, text: str) -> None:
    assert both(source) == text


def test_entities_that_a_file_declares_are_not_expanded_and_nothing_is_fetched() -> None:
    bomb = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    text = (
        f'<!DOCTYPE html [{bomb}<!ENTITY f SYSTEM "file:///etc/passwd">]><html><body>1&i;2&f;3</body></html>'
    )
    assert text_of(text.encode()) == "1&i;2&f;3"
    parameter = '<!DOCTYPE html [<!ENTITY é "ha">]><html><body>1&é;2</body></html>'
    assert text_of(parameter.encode()) == "12"


def test_encodings_are_the_declared_one_or_what_text_files_may_be_in() -> None:
    assert text_of('<?xml version="1.0" encoding="iso-8859-1"?><p>é</p>'.encode("latin-1")) == "é"
    assert text_of("<p>é</p>".encode("utf-16")) == "é"
    assert text_of("<p>“é”<br></p>".encode("cp1252")) == "“é”"
    with pytest.raises(Unusable) as error:
        text_of(b"<p>\x81\xff<br></p>")
    assert error.value.reason is Reason.INVALID_UTF8


@pytest.mark.parametrize("content", [b"", b" \n", b"<html/>", b"<html><body/></html>", b"<!-- x -->"])
def test_chapter_without_text_is_empty(content: bytes) -> None:
    assert text_of(content) == ""


def test_long_text_is_whole_and_nesting_too_deep_is_an_error_not_a_loss() -> None:
    words = "word " * 2_010_000
    assert len(both(f"<p>{words}</p>")) == len(words) - 1
    assert both("<i>" * 1000 + "x" + "</i>" * 1000) == "x"
    with pytest.raises(Unusable) as error:
        text_of(XML.format("<i>" * 20_000 + "x" + "</i>" * 20_000).encode())
    assert error.value.reason is Reason.BAD_FORMAT
