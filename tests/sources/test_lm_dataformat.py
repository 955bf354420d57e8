import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill import entries, sources
from corpusmill.sources import PileSource, Reason, Record
from corpusmill.sources.lm_dataformat import FILE, PART, container_records
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import RawRecord, Reject

Trickling = Callable[[bytes, Sequence[int]], RawFile]
TEXTS = ["first\n", "zwei: ä\u2028\n\nb", "[3] \\ {"]
zstd = zstandard.ZstdCompressor().compress


def tar(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def dat(texts: list[str]) -> bytes:
    return b"".join(b"%016d" % len(text.encode()) + text.encode() for text in texts)


def jsonl(texts: list[str]) -> bytes:
    return "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()


JSON = json.dumps([{"text": TEXTS[0]}, TEXTS[1], {"text": TEXTS[2], "meta": {}}]).encode()
MEMBERS = {f"d/{number}.txt": text.encode() for number, text in enumerate(TEXTS)}
NAMES = list(MEMBERS)
LINES = ["1", "2", "3"]


def framed(name: str, file: bytes | RawFile, **options: Any) -> list[Any]:
    raw = io.BytesIO(file) if isinstance(file, bytes) else file
    return list(container_records(name, raw, "s", **options))


def documents(name: str, file: bytes) -> list[Any]:
    source = PileSource(entries.Pile(family="pile", name="s", files=["*"], default_set="ArXiv"))
    return list(sources.read(source, name, io.BytesIO(file)))


@pytest.mark.parametrize(
    ("name", "file", "records"),
    [
        ("x.jsonl", jsonl(TEXTS), LINES),
        ("x.jsonl.zst", zstd(jsonl(TEXTS)), LINES),
        ("x.jsonl.zst.tar", tar({"t/2.zst": zstd(jsonl(TEXTS))}), [f"t/2.zst:{n}" for n in LINES]),
        ("x.tar", tar({"a.jsonl": jsonl(TEXTS)}), [f"a.jsonl:{n}" for n in LINES]),
        ("x.dat.zst", zstd(dat(TEXTS)), LINES),
        ("x.json", JSON, LINES),
        ("x.json.zst", zstd(JSON), LINES),
        ("x.json.gz", gzip.compress(b"\xef\xbb\xbf\n " + JSON + b"\n"), LINES),
        ("x.json", jsonl(TEXTS), LINES),
        ("x.zip", zipped(MEMBERS), NAMES),
        ("x.tar.gz", gzip.compress(tar(MEMBERS)), NAMES),
        ("urlsf_subset00-1_data.xz", lzma.compress(tar(MEMBERS)), NAMES),
        (
            "openwebtext.tar.xz",
            lzma.compress(tar({"o/u_data.xz": lzma.compress(tar(MEMBERS))})),
            [f"o/u_data.xz!{name}" for name in NAMES],
        ),
        ("x.zip", zipped({"a.dat": dat(TEXTS)}), [f"a.dat:{n}" for n in LINES]),
        ("x.tar.bz2", bz2.compress(tar({"a.json": JSON})), [f"a.json:{n}" for n in LINES]),
    ],
)
def test_every_container_gives_its_documents(name: str, file: bytes, records: list[str]) -> None:
    items = documents(name, file)
    assert [(item.record, item.text) for item in items] == list(zip(records, TEXTS, strict=True))
    assert all(isinstance(item, Record) and item.source == "ArXiv" for item in items)


def test_text_file_is_one_document_and_a_bare_gz_has_one_a_line() -> None:
    for name, file in (
        ("x.txt", b"a\nb"),
        ("x.txt.gz", gzip.compress(b"a\nb")),
        ("x_data.xz", lzma.compress(b"a\nb")),
    ):
        assert framed(name, file) == [RawRecord("text", b"a\nb", FILE)]
    assert framed("x.gz", gzip.compress(b"a\nb")) == [RawRecord("1", b"a", PART), RawRecord("2", b"b", PART)]
    assert framed("x.gz", gzip.compress(b'{"text": "a"}')) == [RawRecord("1", b'{"text": "a"}')]


def test_text_that_is_no_utf8_is_read_where_its_file_is_one_document() -> None:
    [item] = documents("x.txt", b"caf\xe9")
    assert (item.text, item.meta) == ("caf\u00e9", {"encoding": "cp1252"})
    assert documents("x.gz", gzip.compress(b"caf\xe9"))[0].reason is Reason.INVALID_UTF8
    assert documents("x.dat", b"%016d" % 4 + b"caf\xe9")[0].reason is Reason.INVALID_UTF8
    assert documents("x.dat", dat([""]))[0].reason is Reason.EMPTY


def test_dat_cut_at_every_byte_gives_all_complete_documents_and_one_reject() -> None:
    whole = dat(TEXTS)
    borders = [0, *(len(dat(TEXTS[:n])) for n in (1, 2, 3))]
    assert framed("x.dat", b"") == []
    for cut in range(1, len(whole)):
        items = framed("x.dat", whole[:cut])
        complete = sum(border <= cut for border in borders) - 1
        assert [item.content.decode() for item in items[:complete]] == TEXTS[:complete]
        assert len(items) == complete + (cut not in borders)
        if cut not in borders:
            assert (items[-1].record, items[-1].reason) == (None, Reason.DAMAGED)


@pytest.mark.parametrize("digits", [b"+000000000000005", b"0x00000000000005", b" " * 15 + b"5", b"5" * 16])
def test_length_in_a_dat_that_is_none_or_too_much_is_damage(digits: bytes) -> None:
    *_, item = framed("x.dat", dat(["a"]) + digits + b"bcdef")
    assert (item.record, item.reason) == (None, Reason.DAMAGED)


def test_document_beyond_the_limit_is_a_reject_and_the_next_is_read() -> None:
    for name, file in (("x.dat", dat(["x" * 301, "b"])), ("x.json", json.dumps(["x" * 299, "b"]).encode())):
        long, short = framed(name, file, limit=300)
        assert (long.record, long.reason, long.bytes) == ("1", Reason.DOCUMENT_TOO_LONG, 301)
        assert len(long.head) == 200
        assert short.record == "2"


values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('ab"]\\', max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(
    items=st.lists(values, max_size=5),
    indent=st.sampled_from([None, 1]),
    ascii_only=st.booleans(),
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=4),
)
def test_elements_of_a_json_list_are_those_that_json_reads_however_they_arrive(
    trickle: Trickling, items: list[Any], indent: int | None, ascii_only: bool, sizes: list[int]
) -> None:
    text = json.dumps(items, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "replace")
    got = framed("x.json", trickle(text, sizes))
    assert [item.record for item in got] == [str(number) for number in range(1, len(items) + 1)]
    assert list(map(repr, (json.loads(item.content) for item in got))) == list(map(repr, json.loads(text)))


def test_json_traps_in_a_list_cost_only_their_element() -> None:
    bad = [
        b'{"text": NaN}',
        b'{"text": "\\ud800"}',
        b"1" + b"0" * 5000,
        b'{"a" 1}',
        b"[" * 20_000 + b"]" * 20_000,
        b"",
        b'"\xff"',
    ]
    items = documents("x.json", b"[" + b",".join([*bad, b'"good"']) + b"]")
    assert [getattr(item, "reason", "document") for item in items] == [
        "wrong_type",
        "document",
        "bad_json",
        "bad_json",
        "bad_json",
        "bad_json",
        "invalid_utf8",
        "document",
    ]


def test_brackets_that_do_not_match_are_damage_after_the_elements_before() -> None:
    *got, _, reject = framed("x.json", b'["a", {]}, "b"]')
    assert [item.content for item in got] == [b'"a"']
    assert (reject.record, reject.reason) == (None, Reason.DAMAGED)
    *got, reject = framed("x.json", b'["a", {[}, "b"]')
    assert [item.content for item in got] == [b'"a"']
    assert (reject.reason, reject.error) == (Reason.DAMAGED, "truncated: the file ends inside a JSON list")


def test_json_list_cut_at_every_byte_gives_all_complete_elements_and_one_reject() -> None:
    whole = b'["a", {"text": "b]"},\n"c"]'
    wanted = [b'"a"', b'{"text": "b]"}', b'"c"']
    for cut in range(1, len(whole)):
        *got, reject = framed("x.json", whole[:cut])
        assert [item.content for item in got] == wanted[: len(got)]
        assert len(got) == (cut > 4) + (cut > 20)
        assert (reject.record, reject.reason) == (None, Reason.DAMAGED)
        assert whole[:cut].endswith(reject.head)
    *got, reject = framed("x.json", whole + b" []")
    assert [item.content for item in got] == wanted
    assert "behind the end" in reject.error


def test_empty_json_list_has_no_documents() -> None:
    assert framed("x.json", b" [ \n] \n") == framed("x.json", b"") == []


def test_damage_inside_a_member_is_that_members_reject() -> None:
    files = {"a.dat": dat(TEXTS)[:-1], "b.json": b'["x", ', "c.jsonl": b'"x"\n'}
    rejects = [item for item in framed("x.tar", tar(files)) if isinstance(item, Reject)]
    assert [(item.record, item.bytes) for item in rejects] == [("a.dat", 6), ("b.json", 1)]


def test_record_of_64_mb_is_read_in_every_form() -> None:
    text = "x" * (64 << 20)
    for name, file in (("x.jsonl", b'"%b"\n7'), ("x.json", b'["%b",7]'), ("x.txt", b"%b")):
        items = framed(name, file % text.encode())
        assert len(items[0].content) >= len(text)
        assert len(items) == (1 if name == "x.txt" else 2)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\r\n\n" * 300])
@pytest.mark.parametrize(
    "ahead", [b"", b"Downloading 00.json\n", b"[2023-01-05 10:00:00] INFO start\n[x] go\n", b"#\n" * 900]
)
def test_lines_ahead_of_a_list_or_of_a_dat_are_one_reject_and_the_rest_is_read(
    mark: bytes, ahead: bytes
) -> None:
    for name, file in (("x.json", JSON), ("x.dat", dat(TEXTS))):
        items = documents(name, mark + ahead + file)
        if ahead:
            reject = items.pop(0)
            assert (reject.record, reject.reason) == ("0", Reason.BAD_FORMAT)
            assert reject.bytes == len(mark + ahead)
        assert [(item.record, item.text) for item in items] == list(zip(LINES, TEXTS, strict=True))


def test_a_line_ahead_of_json_lines_costs_only_itself() -> None:
    for name in ("x.json", "x.jsonl", "x.gz"):
        file = b"[12:00] a log\n" + jsonl(TEXTS)
        bad, *items = documents(name, gzip.compress(file) if name == "x.gz" else file)
        assert (bad.record, bad.reason) == ("1", Reason.BAD_JSON)
        assert [(item.record, item.text) for item in items] == list(zip("234", TEXTS, strict=True))
    texts = framed("x.gz", gzip.compress(b"A tale\n{of two} cities\n"))
    assert [item.note for item in texts] == [PART, PART]


def test_documents_of_a_dat_before_damage_are_read() -> None:
    cut = bz2.compress(dat(TEXTS[:1])) + bz2.compress(dat(TEXTS[1:]))[:20]
    one, reject = framed("x.dat.bz2", cut)
    assert (one.record, reject.record, reject.reason) == ("1", None, Reason.DAMAGED)
