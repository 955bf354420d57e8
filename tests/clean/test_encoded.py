import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.clean.encoded import encoding_levels

TEXT = 'He said "so".\nAnd went\taway, naïvely.'


@pytest.mark.parametrize("levels", [0, 1, 2, 3])
@pytest.mark.parametrize("quoted", [True, False])
def test_backslashes_rise_with_each_encoding(levels: int, quoted: bool) -> None:
    text = TEXT
    for _ in range(levels):
        text = json.dumps(text) if quoted else json.dumps(text)[1:-1]
    assert encoding_levels(text) == levels


@pytest.mark.parametrize(
    "text",
    [
        r"\alpha + \beta",
        r"C:\users\jane",
        'print("a\\n")',
        "a line\nand \\n another",
        r"^\d+\s*$",
        "no backslash",
        "",
        '"',
        "\\",
        r"\u12",
        '"a" and \\n "b"',
    ],
)
def test_backslashes_that_mean_something_else_are_no_encoding(text: str) -> None:
    assert encoding_levels(text) == 0


@given(st.text(min_size=1))
def test_what_json_wrote_with_an_escape_is_found(text: str) -> None:
    written = json.dumps(text)[1:-1]
    assert (encoding_levels(written) > 0) == ("\\" in written and _valid(text))


def _valid(text: str) -> bool:
    """Without lone surrogates, which no text has here."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
