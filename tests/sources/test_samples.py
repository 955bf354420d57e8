"""The real samples and the malformed inputs derived from them, which no checkout holds."""

import collections
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from corpusmill import entries, sources
from corpusmill.sources import Comment, PileSource, PushshiftSource, Record, Removal, Submission, threads
from corpusmill.sources.streams import HashingFile, zstd_window

REDDIT = PushshiftSource(entries.Pushshift(family="pushshift", name="reddit", files=["*"]))
PILE = PileSource(entries.Pile(family="pile", name="pile", files=["*"], default_set="OpenSubtitles"))
KEPT = 558  # of them in the longest chains
ALL = 1075  # comments of RC_2005-12, of which the malformed/rc* files are made


def read(source: PushshiftSource | PileSource, path: Path) -> list[Any]:
    with path.open("rb") as raw:
        file = HashingFile(raw)
        items = list(sources.read(source, path.name, file))
        assert file.finish() == hashlib.sha256(path.read_bytes()).hexdigest()
    return items


def test_pushshift_month_gives_all_its_comments_and_threads(samples: Path) -> None:
    path = samples / "pushshift" / "RC_2005-12.zst"
    assert zstd_window(path.read_bytes()[:64]) == 2**31
    comments = read(REDDIT, path)
    assert all(isinstance(comment, Comment) for comment in comments)
    by_thread = collections.Counter(comment.link_id for comment in comments)
    assert (len(comments), len(by_thread), max(by_thread.values())) == (1075, 396, 85)


def test_threads_of_a_month_equal_a_naive_recursion(samples: Path) -> None:
    """Chains, dropped comments and depths of RC_2005-12, counted by following replies one at a time."""
    by_thread = collections.defaultdict(list)
    for comment in read(REDDIT, samples / "pushshift" / "RC_2005-12.zst"):
        by_thread[comment.link_id].append(comment)
    rows = [(number, each) for number, name in enumerate(sorted(by_thread)) for each in by_thread[name]]
    built = threads.build(
        np.array([number for number, _ in rows]),
        pa.array([each.id for _, each in rows]),
        pa.array([each.parent_id for _, each in rows]),
        np.array([each.score or 0 for _, each in rows]),
        np.zeros(len(rows), np.uint8),
        None,
    )

    def best(thread: list[Comment], siblings: list[Comment]) -> tuple[int, int, Any, list[str]]:
        """(length, score, order of the leaf, ids) of the best chain that begins with one of `siblings`."""
        found: list[tuple[int, int, Any, list[str]]] = [(0, 0, (), [])]
        for each in siblings:
            replies = [other for other in thread if other.parent_id == f"t1_{each.id}"]
            length, score, leaf, below = best(thread, replies)
            # The smallest id is to be the greatest: shorter first, then the earlier character.
            own = (-len(each.id), [-ord(character) for character in each.id])
            found.append((length + 1, score + (each.score or 0), leaf or own, [each.id, *below]))
        return max(found)

    chains = []
    for name in sorted(by_thread):
        known = {f"t1_{each.id}" for each in by_thread[name]}
        roots = [each for each in by_thread[name] if each.parent_id not in known]
        chains.append(best(by_thread[name], roots)[3])
    kept = [rows[row][1].id for row in built.chain.tolist()]
    assert kept == [identifier for chain in chains for identifier in chain]
    assert (len(kept), len(rows) - len(kept), int(built.depth.max())) == (KEPT, ALL - KEPT, 11)


@pytest.mark.parametrize(
    ("name", "comments", "error", "cut"),
    [
        ("rc.bz2", ALL, "", 0),
        ("rc.xz", ALL, "", 0),
        ("rc_multiframe.zst", ALL, "", 0),
        ("rc_skippable_first.zst", ALL, "", 0),
        ("rc_badchecksum.zst", ALL, "corrupt zstd frame", 0),
        ("rc_bitflip.zst", 438, "corrupt zstd frame", 481),
        ("rc_truncated.zst", 438, "truncated", 481),
        ("rc_truncated.xz", 470, "truncated", 59),
        ("rc_truncated.bz2", 0, "truncated", 0),  # its only block is cut
        ("zero_bytes.jsonl.zst", 0, "empty file", 0),
        ("not_zst.jsonl.zst", 0, "named as zstd data, but it is plain data", 0),
        ("gz_named.zst", 0, "named as zstd data, but it is gzip data", 0),
        ("empty.jsonl.zst", 0, "", 0),
    ],
)
def test_malformed_file_gives_every_complete_record_and_one_reject(
    samples: Path, name: str, comments: int, error: str, cut: int
) -> None:
    whole = read(REDDIT, samples / "pushshift" / "RC_2005-12.zst")
    items = read(REDDIT, samples / "malformed" / name)
    assert items[:comments] == whole[:comments]
    if not error:
        assert len(items) == comments
        return
    [reject] = items[comments:]
    assert (reject.record, reject.reason, reject.bytes) == (None, "damaged", cut)
    assert reject.error.startswith(error)


BAD_LINES = {
    "blank": [3, 4],
    "bad_json": [5, 6, 11, 12, 13, 14, 48, 49],
    "not_an_object": [7, 8, 9, 10],
    "null_field": [19],
    "wrong_type": [20],
    "missing_field": [33, 34, 37],
}


def test_malformed_comment_lines_end_as_they_should(samples: Path) -> None:
    items = read(REDDIT, samples / "malformed" / "rc_bad_lines.ndjson")
    found = collections.defaultdict(list)
    for number, item in enumerate(items, 1):
        assert isinstance(item, Removal) or item.record == str(number)
        found[getattr(item, "reason", "")].append(number)
    comments = found.pop("")
    assert found == BAD_LINES
    assert len(comments) + sum(map(len, BAD_LINES.values())) == len(items) == 50


def test_lines_of_invalid_utf8_are_rejects_and_the_others_are_used(samples: Path) -> None:
    items = read(REDDIT, samples / "malformed" / "rc_invalid_utf8.ndjson")
    assert [getattr(item, "reason", "comment") for item in items] == [
        "comment",
        "invalid_utf8",
        "invalid_utf8",
        "comment",
    ]


def test_malformed_pile_lines_end_as_they_should(samples: Path) -> None:
    items = read(PILE, samples / "malformed" / "pile_bad.jsonl.zst")
    sources = [item.source if isinstance(item, Record) else str(item.reason) for item in items]
    assert sources == [
        *["Pile-CC"] * 3,
        *["OpenSubtitles"] * 3,
        "Pile-CC",
        "empty",
        "null_field",
        "missing_field",
        "Pile-CC",
        "unknown_set",
        "Github",
        "DM Mathematics",
        "OpenSubtitles",
        "blank",
        "bad_json",
    ]


def test_real_pile_records_are_read_in_every_shape(samples: Path) -> None:
    [record] = read(PILE, samples / "pile" / "hfdummy_00.jsonl.zst")
    assert (record.source, record.meta) == ("Pile-CC", {})
    uspto = read(PILE, samples / "pile" / "datajuicer_the-pile-uspto-refined.jsonl")
    assert [type(item) for item in uspto] == [Record] * 10
    [first, *_] = read(PILE, samples / "pile" / "datajuicer_arxiv.jsonl")  # `meta` is a Python repr there
    assert first.meta


def test_submissions_of_a_month_are_all_read(samples: Path) -> None:
    items = read(REDDIT, samples / "pushshift" / "RS_v2_2005-06.xz")
    assert len(items) == 103
    assert {type(item) for item in items} == {Submission}


@pytest.mark.parametrize(
    ("name", "records"),
    [
        ("lm_dataformat_blns.txt", ["text"]),
        ("lm_dataformat_blns.txt.zip", ["blns.txt"]),
        ("lm_dataformat_blns.txt.tar.gz", ["blns.txt"]),
    ],
)
def test_one_text_in_three_containers_is_one_document(samples: Path, name: str, records: list[str]) -> None:
    items = read(PILE, samples / "pile" / name)
    assert [item.record for item in items] == records
    assert [len(item.text) for item in items] == [25_621]


def test_tar_of_compressed_json_lines_is_read_line_by_line(samples: Path) -> None:
    items = read(PILE, samples / "pile" / "lm_dataformat_blns.jsonl.zst.tar")
    assert [type(item) for item in items] == [Record] * 8
    assert items[0].record == "test_dir/2.zst:1"
