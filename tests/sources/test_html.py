"""Characters of pages, and what the extractors make of good and of hostile ones."""

import codecs
import logging
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.entries import Extractor
from corpusmill.sources import html
from corpusmill.sources.records import Unusable

SENTENCE = "The council met on Tuesday to talk about the bridge, and nothing was decided. "
EXTRACTORS: tuple[Extractor, ...] = get_args(Extractor)


def page(*paragraphs: str) -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    head = "<html><head><title>T</title></head><body><nav><a href=/>Home</a></nav>"
    return f"{head}<article>{body}</article></body></html>"


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        ("Äpfel".encode(), None, "Äpfel"),
        ("Äpfel".encode(), "iso-8859-1", "Äpfel"),  # a server's default, and wrong
        ("Äpfel".encode("cp1252"), "iso-8859-1", "Äpfel"),
        ("“Äpfel”".encode("cp1252"), "latin1", "“Äpfel”"),
        ("日本語の文章".encode("euc_jp"), "EUC-JP", "日本語の文章"),
        ('<meta charset="shift_jis">日本語'.encode("shift_jis"), None, '<meta charset="shift_jis">日本語'),
        (
            '<meta charset="shift_jis">日本語'.encode("shift_jis"),
            "nonsense",
            '<meta charset="shift_jis">日本語',
        ),
        ("日本".encode("iso2022_jp"), "iso-2022-jp", "日本"),  # its bytes are ASCII
        (codecs.BOM_UTF8 + b"abc", "iso-8859-1", "abc"),
        (codecs.BOM_UTF16_LE + "Ä".encode("utf-16-le"), "utf-8", "Ä"),
        (codecs.BOM_UTF16_BE + "Ä".encode("utf-16-be"), None, "Ä"),
        (b"a\xffb", "utf-8", "a\ufffdb"),
        (b"", None, ""),
    ],
)
def test_a_page_is_in_the_encoding_that_it_is_valid_in_or_declared_to_be_in(
    content: bytes, charset: str | None, text: str
) -> None:
    assert html.decode(content, charset) == text


@given(
    content=st.binary(max_size=100), charset=st.sampled_from([None, "utf-8", "utf-16", "gbk", "utf-7", "\0"])
)
@settings(max_examples=150, deadline=None)
def test_every_page_has_characters_that_can_be_encoded(content: bytes, charset: str | None) -> None:
    html.decode(content, charset).encode()


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_the_article_is_taken_and_the_menu_is_not(extractor: Extractor) -> None:
    text = html.extract(page(SENTENCE * 5, SENTENCE * 3), extractor)
    assert text.split() == (SENTENCE * 8).split()


@pytest.mark.parametrize("extractor", EXTRACTORS)
@pytest.mark.parametrize(
    "content", ["", " ", "<html></html>", "no markup", "<", "\0", "<!--", "<html><body><p>"]
)
def test_a_page_without_an_article_gives_little_or_nothing(extractor: Extractor, content: str) -> None:
    assert len(html.extract(content, extractor)) <= len(content)


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_what_came_before_changes_nothing(extractor: Extractor) -> None:
    pages = [page(SENTENCE * n, SENTENCE.replace("bridge", f"road {n}") * 4) for n in range(1, 8)]
    alone = [html.extract(each, extractor) for each in pages]
    assert [html.extract(each, extractor) for each in reversed(pages)] == alone[::-1]
    assert [html.extract(pages[3], extractor) for _ in range(5)] == [alone[3]] * 5


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_references_to_what_is_no_character_give_text_that_can_be_encoded(extractor: Extractor) -> None:
    odd = "&#xD800; &#0; \0 &#x110000; \x0b " + SENTENCE
    html.extract(page(odd * 9), extractor).encode()
    (html.title(f"<title>{odd}</title>") or "").encode()


HOSTILE = {
    "deep": "<html><body>" + "<div>" * 80_000 + SENTENCE,
    "deep and closed": "<html><body>" + "<div>" * 40_000 + SENTENCE + "</div>" * 40_000,
    "many": "<html><body>" + "<br>" * 200_000,
    "attributes": "<div " + " ".join(f'a{n}="x"' for n in range(100_000)) + ">" + SENTENCE,
    "bare attributes": "<div " + " ".join(f"a{n}" for n in range(100_000)) + ">" + SENTENCE,
}


@pytest.mark.parametrize("extractor", EXTRACTORS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_page_that_would_take_minutes_is_refused(extractor: Extractor, name: str) -> None:
    with pytest.raises(Unusable) as error:
        html.extract(HOSTILE[name], extractor)
    assert error.value.reason == "beyond_limit"


@pytest.mark.timeout(60)  # seconds each
@pytest.mark.parametrize("extractor", EXTRACTORS)
@pytest.mark.parametrize(
    "content",
    [
        "<html><body>" + "<div>" * 4_000 + SENTENCE,
        "<html><body><p>" + "<b><i><u>" * 1_500 + SENTENCE,
        "<html><body>" + "<table><tr><td>x " * 4_000,
        "<html><body>" + "<ul><li>item " * 4_000,
        "<" * 90_000,
        "<html><!--" * 4_000,
        "<html><body><div " + " ".join(f"a{n}" for n in range(4_000)) + ">" + SENTENCE,
        "<div " + 'd="' + "1 " * 100_000 + '">' + SENTENCE,
    ],
)
def test_a_page_within_the_limits_ends_in_seconds(extractor: Extractor, content: str) -> None:
    html.extract(content, extractor).encode()


def test_long_attributes_that_pages_do_have_are_no_reason_to_refuse_one() -> None:
    data = "data:image/png;base64," + "A" * 100_000
    props = "{" + ", ".join(f"&quot;k{n}&quot;: &quot;a b&quot;" for n in range(20_000)) + "}"
    content = page(SENTENCE * 9, f'<img src="{data}"><span data-props="{props}">x</span>')
    assert SENTENCE.strip() in html.extract(content, "trafilatura")


def test_an_extractor_that_fails_is_a_reject(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise RecursionError("too deep")

    monkeypatch.setattr(html.trafilatura, "extract", fail)
    with pytest.raises(Unusable, match="trafilatura fails on the page") as error:
        html.extract("<p>", "trafilatura")
    assert error.value.reason == "bad_payload"


def test_the_extractors_write_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="other"):
        html.extract("", "trafilatura")
    assert not [each for each in caplog.records if each.name.startswith("trafilatura")]


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("<head><title>A &amp; B\n C</title>", "A & B C"),
        ('<TITLE lang="en"> x </TITLE>', "x"),
        ("<title></title>", None),
        ("<p>none</p>", None),
    ],
)
def test_the_title_is_on_one_line(content: str, title: str | None) -> None:
    assert html.title(content) == title
