"""The real samples and the malformed inputs derived from them, which no checkout holds."""

import collections
import hashlib
from pathlib import Path
from typing import Any

import pytest

from corpusmill import entries, sources
from corpusmill.sources import Comment, PileSource, PushshiftSource, Record, Removal, Submission
from corpusmill.sources.streams import HashingFile, zstd_window
from corpusmill.sources.threads import last_by_id, longest_chain

REDDIT = PushshiftSource(entries.Pushshift(family="pushshift", name="reddit", files=["*"]))
PILE = PileSource(entries.Pile(family="pile", name="pile", files=["*"], default_set="OpenSubtitles"))
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
    threads = collections.defaultdict(list)
    for comment in comments:
        threads[comment.link_id].append(comment)
    assert (len(comments), len(threads), max(map(len, threads.values()))) == (1075, 396, 85)
    assert last_by_id([comment.id for comment in comments])[1] == []
    assert max(len(longest_chain(thread)) for thread in threads.values()) == 11


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
    "null_field": [19, 35],
    "wrong_type": [20, 36],
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
