"""Examples of what rules did: a sample that does not depend on how the documents are spread over items."""

import random

from hypothesis import given
from hypothesis import strategies as st

from corpusmill.clean import Change
from corpusmill.pipeline.changes import EXAMPLES, Changes, Facts, merge


def noted(documents: list[tuple[bytes, str]]) -> Facts:
    changes = Changes()
    for doc_id, text in documents:
        done = [Change("upper", 0, text, text.upper()), Change("cut", 1, text, text[:-1])]
        changes.add("s", changes.note("s", doc_id, "f", doc_id.hex(), done))
    return changes.facts()


@given(st.integers(1, 5), st.integers(0, 1 << 30))
def test_examples_and_counts_are_the_same_for_any_division_into_items(n_items: int, seed: int) -> None:
    rng = random.Random(seed)
    documents = [(rng.randbytes(16), f"text {number}") for number in range(20)]
    items = [documents[at::n_items] for at in range(n_items)]
    rng.shuffle(items)
    merged = merge(map(noted, items))
    assert merged == merge([noted(documents)])
    assert merged["s"]["upper"]["documents"] == 20
    assert len(merged["s"]["upper"]["examples"]) == EXAMPLES


def test_an_example_shows_both_texts_around_their_first_difference() -> None:
    changes = Changes()
    before = "a" * 5_000 + "  b" + "c" * 5_000
    after = before.replace("  ", " ")
    (only,) = changes.note("s", bytes(16), "f", "1", [Change("blanks", 1, before, after)])
    assert only.example is not None
    assert only.example["before"] == "a" * 79 + "  b" + "c" * 238
    assert only.example["after"] == "a" * 79 + " b" + "c" * 239


def test_several_messages_that_one_rule_changed_are_one_document() -> None:
    changes = Changes()
    done = [Change("upper", 0, "a", "A"), Change("upper", 0, "b", "B")]
    changes.add("s", changes.note("s", bytes(16), "f", "1", done))
    assert changes.facts()["s"]["upper"]["documents"] == 1
    assert [each["before"] for each in changes.facts()["s"]["upper"]["examples"]] == ["a"]
