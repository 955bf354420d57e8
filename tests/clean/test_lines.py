"""Lines, paragraphs and sentences as the quality rules count them."""

import pytest

from corpusmill.clean import lines


def test_lines_are_measured_as_shares() -> None:
    text = "• one\n- two\nthree ...\nfour…\nThe fifth line is long enough not to be short.\n\n- two\n\n- two"
    found = lines.measure(text)
    assert found.bullet_lines == 4 / 9  # also of empty lines
    assert found.ellipsis_lines == 2 / 9
    assert found.duplicate_lines == 2 / 7
    assert found.duplicate_line_characters == 10 / len(text)
    assert found.duplicate_paragraphs == 1 / 3
    assert found.duplicate_paragraph_characters == 5 / len(text)
    assert found.punctuated_lines == 2 / 7, "a full stop and three of them; an ellipsis is no sentence's end"
    assert found.short_lines == 6 / 7
    assert found.repeated_characters == 10 / (len(text) - 8)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four", 4),
        ("He said “yes.” She left.", 2),
        ("It cost approx. three dollars.", 1),
        ("One line\n\nanother line", 2),
        ("", 0),
        ("  \n", 0),
    ],
)
def test_sentences_end_where_a_new_one_begins_or_a_line_ends(text: str, sentences: int) -> None:
    assert lines.count_sentences(text) == sentences
