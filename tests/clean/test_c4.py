"""C4's rule for lines."""

from hypothesis import given
from hypothesis import strategies as st

from corpusmill.clean.c4 import c4_lines


def test_only_lines_that_are_prose_are_kept() -> None:
    text = """Menu
This is a sentence[12] with a citation.[edit]
Too short.
No full stop at the end of this one
It trails off...
Please enable Javascript to read this page.
We have a privacy policy that you should read.
He said "hello there."
{This one} decides about the page.
Lorem ipsum does too, javascript or not.
A word of %s letters is no word."""
    assert c4_lines(text % ("x" * 1_001)).split("\n") == [
        "This is a sentence with a citation.",
        'He said "hello there."',
        "{This one} decides about the page.",
        "Lorem ipsum does too, javascript or not.",
    ]


pieces = st.sampled_from(["A line of words. ", "[1]", "[", "\n", "...", "javascript", "{", "ok", ' "', " "])


@given(st.lists(pieces, max_size=30).map("".join))
def test_lines_that_are_left_stood_in_the_text_in_this_order(text: str) -> None:
    there = iter([line.replace("[1]", "").strip() for line in text.split("\n")])
    assert all(line.strip() in there for line in filter(None, c4_lines(text).split("\n")))
