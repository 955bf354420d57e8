from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from corpusmill.report import build, stats
from corpusmill.report.cleaning import shown


def test_rules_are_listed_by_source_with_documents_and_bytes_of_the_ledger(run: Path) -> None:
    numbers = stats.collect(stats.open_run(run))
    listed = [(row["source"], row["rule"], row["documents"]) for row in numbers["cleaning"]]
    assert listed == [
        ("gutenberg", "gutenberg_footer", 7),
        ("gutenberg", "whitespace", 9),
        ("reddit", "join", 60),
    ]
    ledger = {(row["reason"]): row["bytes"] for row in numbers["flow"]["sources"][0]["stages"][0]["removed"]}
    gutenberg = [flow for flow in numbers["flow"]["sources"] if flow["source"] == "gutenberg"]
    ledger = {row["reason"]: row["bytes"] for row in gutenberg[0]["stages"][0]["removed"]}
    assert [row["bytes"] for row in numbers["cleaning"]][:2] == [
        ledger["gutenberg_footer"],
        ledger["whitespace"],
    ]


def test_the_page_marks_what_a_rule_changed(run: Path, tmp_path: Path) -> None:
    build(run, tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert 'href="#cleaning"' in page
    assert 'The end.<mark class="removed">↵\n↵\nEnd·of·Project·Gutenberg\\x00</mark>' in page
    assert 'one<mark class="removed">··</mark>\ntwo' in page


@given(st.text("ab \n", max_size=12), st.text("ab \n", max_size=12))
def test_unmarked_pieces_are_common_to_both_texts(before: str, after: str) -> None:
    left, right = shown(before, after)
    assert [text for text, only in left if not only] == [text for text, only in right if not only]
    for text, pieces in ((before, left), (after, right)):
        joined = "".join(piece for piece, _ in pieces)
        assert joined.replace("↵", "").replace("·", " ") == text
