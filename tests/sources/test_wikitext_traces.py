import html
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.sources.wikitext import plain_text


@pytest.mark.parametrize(
    "text",
    [
        "Call main(), printf() and free(); declare int[] a; [] is a list and () a tuple.",
        "f(, y) and ( x ) and a , b and (; c) and d,, e",
        "for (;;) { } and a[ ] and x : y",
        "()",
        "[]",
        "a ()",
    ],
)
def test_what_authors_wrote_is_left(text: str) -> None:
    assert plain_text(text) == text
    assert plain_text(f"{text}\n\n{{{{stub}}}}") == text
    assert plain_text(f"<code>{text}</code>") == text


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("The port ({{lang-xx|name}}) is", "The port is"),
        ("The port ({{lang-xx|a}}; {{lang-yy|b}}) is", "The port is"),
        ("The port ({{lang-xx|a}} or {{lang-yy|b}}) is", "The port is"),
        ("The port ([[File:a.ogg|listen]]) is", "The port is"),
        ("The port (<ref>x</ref>) is", "The port is"),
        ("The port (<!-- x -->) is", "The port is"),
        ("The port (<math>x</math>) is", "The port is"),
        ("The port (({{x}})) is", "The port is"),
        ("The port ({{x}}, {{y}}, born in 1970) is", "The port (born in 1970) is"),
        ("The port (born in 1970; {{x}}) is", "The port (born in 1970) is"),
        ("The port ({{x}}", "The port ("),
        ("The port [{{x}}] is", "The port is"),
        ("The port （{{x}}）is", "The port is"),
        ("a {{x}}, b {{y}}. c {{z}}; d", "a, b. c; d"),
        ("a, {{x}}, b, {{y}}. c", "a, b. c"),
        ("a {{x}} {{y}} b{{z}} c", "a b c"),
        ("{{x}}, b\n* {{y}}. c", "b\nc"),
        ("main() of ({{x}}) and []", "main() of and []"),
        ("f({{x}}, y)", "f(y)"),
        ("a ( {{nowrap|x}} ) b", "a ( x ) b"),
        ("a ([http://x.org]) b", "a b"),
        ("[[a<!-- (x) -->|b]] '<!-- -->' c", "b  c".replace("  ", " ")),
    ],
)
def test_traces_go_where_something_was_removed(wikitext: str, text: str) -> None:
    assert plain_text(wikitext) == text


@given(st.text(st.sampled_from("ab ()[],;.\1\2\3\4\5"), max_size=60))
def test_text_without_markup_is_as_it_was(text: str) -> None:
    text = text.replace("[[", "").replace("]]", "")
    private = re.sub("[\1-\5]", "", text)
    expected = re.sub(" {2,}", " ", private).strip()
    if any(map(str.isalnum, expected)) and "[[" not in private and "]]" not in private:
        assert plain_text(f"x{text}x") == re.sub(" {2,}", " ", f"x{private}x")


CASES = {
    "wiki-colon-link": [
        "CSI: Miami",
        "its New York sister",
        "Ben-Hur.",
        "Re:Zero",
        "Spy: A Life",
        "fighting",
    ],
    "wiki-apostrophes": ["Star's crew", "Times's reporter", "l'Étoile du matin,", "d'Or.", "it's own"],
    "wiki-brackets": ["main().", "printf()", "free()", "int[]", "is [] and", "is ().", "town has a bracket"],
    "wiki-nested-templates": [
        "is 5 km long.",
        "la route du nord.",
        "12,345 cars",
        "what it is.",
        "As of 2010.",
    ],
}


@pytest.mark.parametrize("case", CASES)
def test_cases_of_issue_come_out_right(case: str) -> None:
    path = Path(__file__).resolve().parents[2].parent / "shared" / "cases" / case / "dump.xml"
    if not path.is_file():
        pytest.skip("the cases (a folder `shared` beside the checkout) are not here")
    found = re.search(r"<text[^>]*>(.*?)</text>", path.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    text = plain_text(html.unescape(found[1]))
    assert [each for each in CASES[case] if each not in text] == []
