"""Comments and submissions through the exchange to documents, in this process."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from corpusmill import ledger
from corpusmill.entries import Pushshift
from corpusmill.manifest import Receipt
from corpusmill.pipeline.comments import month_name
from corpusmill.pipeline.intake import Intake, Reading
from corpusmill.pipeline.items import Done, Outbox
from corpusmill.pipeline.threads import ThreadsItem, build_threads
from corpusmill.recipe import Recipe
from corpusmill.sources import PushshiftSource, read
from corpusmill.sources.records import Comment, Submission


def comment(name: str, parent: str | None = None, **more: Any) -> Comment:
    fields: dict[str, Any] = {
        "record": "1",
        "id": name,
        "link_id": "t3_t",
        "parent_id": f"t1_{parent}" if parent else "t3_t",
        "body": f"body of {name}",
        "author": "someone",
        "score": 1,
        "created_utc": 1_134_365_188,
        "subreddit": "test",
    }
    return Comment(**(fields | more))


def post(**more: Any) -> Submission:
    fields: dict[str, Any] = {
        "record": "7",
        "link_id": "t3_t",
        "title": "A title",
        "selftext": "and a\n\ntext",
        "author": None,
        "created_utc": None,
        "subreddit": "test",
    }
    return Submission(**(fields | more))


class Built:
    """What became of some records, each (file number, record), with one partition."""

    def __init__(
        self, folder: Path, sent: Sequence[tuple[int, Comment | Submission]], **options: Any
    ) -> None:
        entry = {"name": "r", "family": "pushshift", "files": ["x"], **options}
        recipe = Recipe.model_validate({"sources": [entry]}, context={"folder": folder})
        reading = Reading(recipe=recipe, inputs=".", files={"f0": 0, "f1": 1}, partitions=1)
        outbox = Outbox(folder, 0)
        intake = Intake(reading, 0, outbox)
        for place, (file, record) in enumerate(sent):
            intake.take(f"f{file}", place, record)
        intake.close()
        exchanged = [folder / output.path for output in outbox.outputs]
        outbox = Outbox(folder, 1)
        item = ThreadsItem(index=0, size=1, partition=0)
        self.done: Done = build_threads(reading, ["f0", "f1"], exchanged, item, outbox)
        files = [folder / output.path for output in outbox.outputs if output.kind == "documents"]
        self.documents = [row for file in files for row in pq.read_table(file).to_pylist()]
        assert ledger.imbalances(ledger.table([("ingest", self.done.ledger)])) == []
        Receipt(item=0, facts=dict(self.done.facts or {}))

    @property
    def texts(self) -> list[str]:
        return [row["text"] for row in self.documents]

    @property
    def removed(self) -> dict[str, int]:
        return {each.reason: each.records for each in self.done.ledger if each.reason and each.records}


def test_of_copies_of_a_comment_the_last_in_path_and_line_order_is_kept(tmp_path: Path) -> None:
    sent = [(1, comment("a", body="second file")), (0, comment("a", body="first file"))]
    built = Built(tmp_path, [*sent, (1, comment("a", body="the last"))])
    assert built.texts == ["the last"]
    assert built.removed == {"duplicate_id": 2}


def test_a_thread_is_its_longest_chain_with_one_message_a_line(tmp_path: Path) -> None:
    sent = [
        comment("a", body="one\n\ntwo &gt; three"),
        comment("b", "a"),
        comment("c", "b"),
        comment("d", "a"),
    ]
    other = comment("e", link_id="t3_u", parent_id="t3_u")
    built = Built(tmp_path, [*((0, each) for each in sent), (1, other)])
    assert built.texts == ["one two > three\nbody of b\nbody of c", "body of e"]
    assert built.removed == {"chain": 1}
    meta, of_other = (json.loads(row["meta"]) for row in built.documents)
    assert [each["id"] for each in meta["comments"]] == ["a", "b", "c"]
    assert (meta["files"], of_other["files"]) == (["f0"], ["f1"])
    assert [row["origin"] for row in built.documents] == [
        {"path": "", "record": "t3_t"},
        {"path": "", "record": "t3_u"},
    ]


@pytest.mark.parametrize(
    ("choice", "text", "removed"),
    [
        ("leave", "body of a", {"submission": 2}),
        ("title", "A title\nbody of a", {"no_comments": 1}),
        ("post", "A title\nand a text\nbody of a", {}),
    ],
)
def test_submissions_are_left_or_give_the_title_or_the_whole_post(
    choice: str, text: str, removed: dict[str, int], tmp_path: Path
) -> None:
    alone = post(link_id="t3_z", title="Alone")
    built = Built(tmp_path, [(0, alone), (1, post()), (0, comment("a"))], submissions=choice)
    assert built.texts[0] == text
    assert built.texts[1:] == (["Alone\nand a text"] if choice == "post" else [])
    assert built.removed == removed


def test_of_copies_of_a_submission_the_last_is_taken(tmp_path: Path) -> None:
    sent = [(1, post(title="later")), (0, post(title="earlier")), (0, comment("a"))]
    built = Built(tmp_path, sent, submissions="title")
    assert built.texts == ["later\nbody of a"]
    assert built.removed == {"duplicate_id": 1}


def test_a_dropped_comment_takes_its_subtree(tmp_path: Path) -> None:
    (tmp_path / "bots.txt").write_text("# bots\nSomeBot # known\n")
    sent = [
        comment("a"),
        comment("b", "a", author="somebot"),
        comment("c", "b"),
        comment("d", "c"),
        comment("e", "a", body="see https://example.org"),
        comment("f", "a"),
        comment("g", "f", body="word " * 200),
    ]
    drop = {"bots": "bots.txt", "url": True, "tokens": 128}
    built = Built(tmp_path, [(0, each) for each in sent], drop=drop)
    assert built.texts == ["body of a\nbody of f"]
    assert built.removed == {"bot": 1, "below_dropped": 2, "url": 1, "tokens": 1}


def test_depth_is_counted_from_the_post(tmp_path: Path) -> None:
    sent = [comment("a"), comment("b", "a"), comment("c", "b"), comment("d", "c")]
    built = Built(tmp_path, [(0, each) for each in sent], drop={"depth": 2})
    assert built.texts == ["body of a\nbody of b"]
    assert built.removed["depth"] + built.removed.get("below_dropped", 0) == 2


def test_the_reduction_is_told_by_month(tmp_path: Path) -> None:
    sent = [
        comment("a", body="x"),
        comment("b", "a", body="yy", created_utc=1_136_073_600),
        comment("c", body="zzz", created_utc=1_136_073_599),
        comment("d", body="?", created_utc=None, link_id="t3_u", parent_id="t3_u"),
    ]
    built = Built(tmp_path, [(0, each) for each in sent])
    facts = (built.done.facts or {})["threads"]["r"]
    assert facts["threads"] == 2
    assert facts["by_month"] == {"2005-12": [2, 1, 4, 1], "2006-01": [1, 1, 2, 2], "unknown": [1, 1, 1, 1]}
    assert facts["depths"] == {"1": 1, "2": 1}
    assert facts["chains"] == {"1": 1, "2": 1}
    assert month_name(None) == "unknown"


def test_a_thread_in_another_language_than_asked_for_is_removed(tmp_path: Path) -> None:
    german = "Das ist ein deutscher Satz, der nichts mit der englischen Sprache zu tun hat."
    sent = [(0, comment("a", body=german)), (0, comment("b", "a", body=german))]
    built = Built(tmp_path, sent, languages=["en"])
    assert built.texts == []
    assert built.removed == {"language": 2}


def test_a_parent_by_its_number_in_base_10_hangs_the_reply_below_it(tmp_path: Path) -> None:
    """As the API gave parents in 2021-23: null for a root, otherwise a number."""
    source = PushshiftSource(Pushshift(family="pushshift", name="r", files=["x"]))
    first, second, third = int("kq0zz", 36), int("kq100", 36), int("kq101", 36)
    lines = [
        {"id": "kq101", "link_id": "t3_wx", "parent_id": second, "body": "three"},
        {"id": first, "link_id": "t3_wx", "parent_id": None, "body": "one"},
        {"id": "kq100", "link_id": int("wx", 36), "parent_id": float(first), "body": "two"},
        {"id": "kq102", "link_id": "t3_wx", "parent_id": int("wx", 36), "body": "on the post itself"},
        {"id": third + 2, "link_id": "t3_wx", "parent_id": "t3_wx", "body": "also"},
    ]
    raw = b"\n".join(json.dumps(line).encode() for line in lines)
    sent = [(0, each) for each in read(source, "RC_2022-12", io.BytesIO(raw))]
    built = Built(tmp_path, sent)  # type: ignore[arg-type]  # all of them are comments
    assert built.texts == ["one\ntwo\nthree"]
    assert built.removed == {"chain": 2}


def test_a_message_of_which_nothing_can_be_seen_has_no_line(tmp_path: Path) -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    chain = [
        comment("a", body="&amp;#x200B;"),
        comment("b", "a", body=f"Look: {family}\u200b"),
        comment("c", "b", body="\u200b \ufeff\n&amp;nbsp;"),
        comment("d", "c", body=family),
    ]
    alone = comment("e", link_id="t3_u", parent_id="t3_u", body="&amp;#x200B;\n\n\u200d")
    built = Built(tmp_path, [(0, each) for each in [*chain, alone]])
    assert built.texts == [f"Look: {family}\u200b\n{family}"]
    assert built.removed == {"empty": 1}
    short = Built(tmp_path, [(0, each) for each in chain], drop={"short": True})
    assert short.removed == {"short": 2, "below_dropped": 2}
