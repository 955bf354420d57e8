import hypothesis.strategies as st
from hypothesis import given

from corpusmill.ledger import Entry, Tally, imbalances, table


def balanced() -> Tally:
    tally = Tally()
    tally.enter("a", 3, 100)
    tally.keep("a", 2, 70)
    tally.remove("a", "bad_json", 1, 20)
    tally.remove("a", "whitespace", 0, 12)
    tally.remove("a", "join", 0, -2)
    return tally


def test_a_balanced_ledger_has_no_problems() -> None:
    assert imbalances(table([("ingest", balanced().entries())])) == []


def test_a_missing_record_or_byte_is_a_problem() -> None:
    for records, n_bytes, unit in ((1, 0, "records"), (0, 1, "bytes")):
        tally = balanced()
        tally.enter("a", records, n_bytes)
        problems = imbalances(table([("ingest", tally.entries())]))
        assert len(problems) == 1
        assert unit in problems[0]
        assert "ingest: a" in problems[0]


def test_what_a_stage_keeps_must_come_into_the_next() -> None:
    lost = Tally([Entry(source="a", action=action, records=2, bytes=69) for action in ("in", "kept")])
    problems = imbalances(table([("ingest", balanced().entries()), ("dedup", lost.entries())]))
    assert problems == ["a: ingest kept 70 bytes, but dedup took in 69"]
    vanished = imbalances(
        table(
            [
                ("ingest", balanced().entries()),
                ("dedup", Tally([Entry(source="b", action="in", records=0, bytes=0)]).entries()),
            ]
        )
    )
    assert "a: ingest kept 70 bytes, but dedup took in 0" in vanished


ENTRIES = st.lists(
    st.builds(
        Entry,
        source=st.sampled_from("ab"),
        action=st.sampled_from(["in", "kept", "removed"]),
        records=st.integers(0, 9),
        bytes=st.integers(-9, 9),
    )
)


@given(ENTRIES, ENTRIES)
def test_the_sum_of_items_does_not_depend_on_how_they_are_cut(some: list[Entry], others: list[Entry]) -> None:
    at_once = Tally([*some, *others]).entries()
    assert Tally([*Tally(others).entries(), *Tally(some).entries()]).entries() == at_once
