from corpusmill import ledger
from corpusmill.report import accounts, wording


def balanced() -> ledger.Tally:
    tally = ledger.Tally()
    tally.enter("books", 5, 1000)
    tally.remove("books", "bad_json", 1, 100)
    tally.remove("books", "too_short", 2, 50)
    tally.remove("books", "header", 0, 30)
    tally.remove("books", "join", 0, -20)
    tally.keep("books", 2, 840)
    return tally


def flows_of(tally: ledger.Tally) -> list[accounts.Row]:
    return accounts.flows(ledger.table([("ingest", tally.entries())]), ["books"], {("books", "bad_json")})


def test_a_removal_is_told_apart_as_reject_rule_or_cleaning() -> None:
    ((stage,),) = [flow["stages"] for flow in flows_of(balanced())]
    assert [(row["reason"], row["kind"]) for row in stage["removed"]] == [
        ("bad_json", "reject"),
        ("too_short", "rule"),
        ("header", "cleaning"),
        ("join", "cleaning"),
    ]


def test_duplicates_are_told_apart_as_the_table_does() -> None:
    tally = ledger.Tally()
    for reason in ("exact", "words", "near", "against"):
        tally.enter("books", 1, 10)
        tally.remove("books", reason, 1, 10)
    (flow,) = accounts.flows(ledger.table([("dedup", tally.entries())]), ["books"], set())
    told = {row["reason"]: row["kind"] for row in flow["stages"][0]["removed"]}
    assert told == {kind: kind for kind in ("exact", "words", "near", "against")}
    assert set(told) <= set(wording.KINDS)


def test_the_fates_of_a_balanced_flow_add_up_to_its_raw_bytes() -> None:
    (flow,) = flows_of(balanced())
    assert accounts.fates(flow["stages"]) == {"kept": 840, "reject": 100, "rule": 50, "cleaning": 10}
    assert sum(accounts.fates(flow["stages"]).values()) == flow["stages"][0]["in"]["bytes"]


def test_sources_stand_in_order_of_preference_and_the_rest_by_name() -> None:
    tally = ledger.Tally()
    for source in ("zeta", "beta", "alpha"):
        tally.enter(source, 1, 1)
    table = ledger.table([("ingest", tally.entries())])
    assert [flow["source"] for flow in accounts.flows(table, ["zeta"], set())] == ["zeta", "alpha", "beta"]


def test_the_total_is_the_sum_of_the_sources() -> None:
    tally = balanced()
    tally.enter("web", 3, 70)
    tally.remove("web", "header", 0, 30)
    tally.keep("web", 3, 40)
    (stage,) = accounts.total(flows_of(tally))
    assert stage["in"] == {"records": 8, "bytes": 1070}
    assert {"reason": "header", "kind": "cleaning", "records": 0, "bytes": 60} in stage["removed"]
    assert stage["kept"] == {"records": 5, "bytes": 880}


def test_tables_that_tell_another_story_than_the_ledger_are_named() -> None:
    flows = flows_of(balanced())
    reject = {"source": "books", "reason": "bad_json", "records": 1, "bytes": 100}
    assert accounts.disagreements(flows, [reject], {}, {"books": 840}) == []
    assert accounts.disagreements(flows, [{**reject, "bytes": 99}], {}, {"books": 841}) == [
        "ingest: books: bad_json: 99 bytes in the rejects table, 100 in the ledger",
        "ingest: books: the documents table holds 841 bytes, the ledger says 840",
    ]
