from hypothesis import given
from hypothesis import strategies as st

from corpusmill.clean.repeats import dedup_lines, dedup_paragraphs


def test_a_repeated_line_stays_where_it_stands_first() -> None:
    assert dedup_lines("Home\nNews\n}\n\nText.\n Home \n}\n\nMore.") == "Home\nNews\n}\n\nText.\n}\n\nMore."


def test_a_repeated_paragraph_stays_where_it_stands_first() -> None:
    assert dedup_paragraphs("A b.\nC.\n\n***\n\nA b.\n\n***\n\nA b.\nC. ") == "A b.\nC.\n\n***\n\nA b.\n\n***"


@given(st.lists(st.sampled_from(["a", "b", " ", "\n", "\n\n", "*"]), max_size=20).map("".join))
def test_applied_again_nothing_more_goes(text: str) -> None:
    for rule in (dedup_lines, dedup_paragraphs):
        assert rule(rule(text)) == rule(text)
