"""WARC files that are whole, cut, damaged, and odd."""

import gzip
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import zstandard
from archives_of_pages import answer, members, record, response
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import Framed, RawRecord, Reject, Removal
from corpusmill.sources.warc_records import warc_records

RECORDS = [
    record("warcinfo", b"software: a test\r\n"),
    response(b"<p>one</p>"),
    record("request", b"GET / HTTP/1.1\r\n\r\n"),
    response(b"<p>two</p>\r\n\r\nWARC/1.0\r\n"),
    response(b"<p>three</p>"),
]


def read(content: bytes, name: str = "a.warc", *, text: bool = False) -> list[Framed]:
    return list(warc_records(name, io.BytesIO(content), "w", text=text))


def pages(items: Sequence[Framed]) -> list[tuple[str, bytes]]:
    return [(item.record, item.content) for item in items if isinstance(item, RawRecord)]


def reasons(items: Sequence[Framed]) -> list[str]:
    return ["page" if isinstance(item, RawRecord) else str(item.reason) for item in items]


WHOLE = read(b"".join(RECORDS))


def test_pages_are_cut_out_under_their_numbers_and_other_records_are_removals() -> None:
    assert reasons(WHOLE) == ["warc_warcinfo", "page", "warc_request", "page", "page"]
    assert pages(WHOLE) == [
        ("2", b"<p>one</p>"),
        ("4", b"<p>two</p>\r\n\r\nWARC/1.0\r\n"),
        ("5", b"<p>three</p>"),
    ]
    assert isinstance(WHOLE[1], RawRecord)
    assert WHOLE[1].note == {
        "kind": "html",
        "url": "http://example.com/",
        "date": "2020-01-02T03:04:05Z",
        "type": "text/html",
        "charset": "utf-8",
        "transfer": None,
        "encoding": None,
        "length": None,
        "truncated": None,
    }
    assert isinstance(WHOLE[2], Removal)
    assert WHOLE[2].bytes == len(b"GET / HTTP/1.1\r\n\r\n")


def test_compression_changes_nothing() -> None:
    content = b"".join(RECORDS)
    assert read(members(RECORDS), "a.warc.gz") == WHOLE
    assert read(gzip.compress(content), "a.warc.gz") == WHOLE
    assert read(zstandard.compress(content), "a.warc.zst") == WHOLE
    frames = b"".join(map(zstandard.compress, RECORDS))
    assert read(frames, "a.warc.zst") == WHOLE


@given(sizes=st.lists(st.integers(1, 700), min_size=1, max_size=5), member=st.booleans())
@settings(max_examples=30, deadline=None)
def test_sizes_of_reads_change_nothing(
    trickle: Callable[[bytes, Sequence[int]], RawFile], sizes: list[int], member: bool
) -> None:
    content = members(RECORDS) if member else gzip.compress(b"".join(RECORDS))
    content = content[:-20] if sizes[0] % 2 else content
    assert list(warc_records("a.warc.gz", trickle(content, sizes), "w")) == read(content, "a.warc.gz")


def test_a_file_cut_anywhere_gives_the_whole_records_before_and_one_reject() -> None:
    whole = members(RECORDS)
    ends = [len(members(RECORDS[:n])) for n in range(len(RECORDS) + 1)]
    for size in range(1, len(whole)):
        items = read(whole[:size], "a.warc.gz")
        complete = sum(end <= size for end in ends[1:])
        assert items[:complete] == WHOLE[:complete], size
        if size in ends:
            assert len(items) == complete, "a cut between records cannot be seen"
        else:
            [reject] = items[complete:]
            assert isinstance(reject, Reject), size
            assert (reject.record, reject.reason) == (None, "damaged")


def test_a_plain_file_cut_anywhere_gives_the_whole_records_before_and_one_reject() -> None:
    whole = b"".join(RECORDS)
    ends = [sum(map(len, RECORDS[:n])) for n in range(len(RECORDS) + 1)]
    for size in range(1, len(whole)):
        *items, last = read(whole[:size])
        complete = sum(end - 4 <= size for end in ends[1:])
        assert [*items, last][:complete] == WHOLE[:complete], size
        between = any(end - 4 <= size <= end for end in ends[1:])  # line ends are not waited for
        assert between == (not isinstance(last, Reject)), size
        assert len(items) == complete - between, size


@pytest.mark.parametrize("line_end", [b"", b"\n", b"\r\n", b"\n\n", b"\r\n\r\n\r\n"])
@pytest.mark.parametrize("last", [b"", b"\n", b"\r\n", b"\n\n", b"\r\n\r\n"])
def test_a_record_is_whole_with_its_bytes_whatever_line_ends_follow(line_end: bytes, last: bytes) -> None:
    bare = [each.removesuffix(b"\r\n\r\n") for each in RECORDS]
    ended = [*(each + line_end for each in bare[:-1]), bare[-1] + last]
    assert read(b"".join(ended)) == WHOLE
    assert read(members(ended), "a.warc.gz") == read(gzip.compress(b"".join(ended)), "a.warc.gz") == WHOLE


def test_a_block_without_all_its_bytes_is_cut_also_where_it_ends_in_line_ends() -> None:
    whole = RECORDS[0] + record("response", answer(b"<p>\r\n\r\n"))
    for missing in range(5, 9):
        assert reasons(read(whole[:-missing])) == ["warc_warcinfo", "damaged"]


@pytest.mark.parametrize(
    "blank", [b"\n", b"\r\n" * 5000, b"\xef\xbb\xbf", b"\r\n\xef\xbb\xbf\n \t\n", b"\n" * 70_000]
)
def test_blank_lines_and_marks_of_byte_order_ahead_of_any_record_are_passed_over(blank: bytes) -> None:
    assert read(blank + blank.join(RECORDS) + blank) == WHOLE
    assert read(members([blank, *RECORDS, blank]), "a.warc.gz") == WHOLE
    assert read(members([blank + each for each in RECORDS]), "a.warc.gz") == WHOLE
    assert read(blank) == []


@pytest.mark.parametrize(
    "ahead",
    [
        b"x",
        b"wget log: 3 pages\r\n",
        b"\0" * 16,
        b"# WARC/1.0 made today\n",
        b"line\n" * 50_000,
        b"\r\nWARC\r\n",
        b"WARB/",
    ],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf\r\n"])
def test_bytes_ahead_of_the_first_record_are_one_reject_and_the_rest_is_read(
    ahead: bytes, mark: bytes
) -> None:
    for name, content in (("a.warc", b"".join(RECORDS)), ("a.warc.gz", members(RECORDS))):
        file = members([mark + ahead]) + content if name.endswith("gz") else mark + ahead + content
        reject, *items = read(file, name)
        assert isinstance(reject, Reject)
        assert (reject.record, reject.reason) == ("0", "bad_format")
        assert (reject.head, reject.bytes) == (ahead.lstrip()[:200], len(ahead.lstrip()))
        assert items == WHOLE


@pytest.mark.parametrize("size", range(65_536 - 300, 65_536 + 5, 3))
def test_the_first_record_is_found_across_the_border_of_a_search(size: int) -> None:
    reject, *items = read(b"x" * size + RECORDS[1])
    assert isinstance(reject, Reject)
    assert (reject.bytes, reasons(items)) == (size, ["page"])


def test_bytes_between_records_are_damage() -> None:
    assert reasons(read(RECORDS[0] + b"stray\n" + RECORDS[1])) == ["warc_warcinfo", "damaged"]


PLAIN = [RECORDS[0], RECORDS[1], RECORDS[2], RECORDS[4]]  # none has a record inside its page


@given(place=st.integers(0, len(members(PLAIN)) - 1), bit=st.integers(0, 7))
@settings(max_examples=150, deadline=None)
def test_a_flipped_bit_never_gives_another_page(place: int, bit: int) -> None:
    whole = read(members(PLAIN), "a.warc.gz")
    damaged = bytearray(members(PLAIN))
    damaged[place] ^= 1 << bit
    items = read(bytes(damaged), "a.warc.gz")
    before = sum(len(members(PLAIN[: n + 1])) <= place for n in range(len(PLAIN)))
    assert items[:before] == whole[:before]
    assert all(item in whole for item in items[:-1])
    assert items[-1] in whole or reasons(items)[-1] in ("damaged", "bad_format")


def test_the_reject_of_a_cut_file_describes_the_cut_record() -> None:
    [*_, reject] = read(b"".join(RECORDS)[:-10])
    assert isinstance(reject, Reject)
    assert reject.head == RECORDS[-1][:-10][:200]
    assert reject.bytes == len(RECORDS[-1]) - 10
    assert "record 5" in reject.error


@pytest.mark.parametrize("extra", [b"\n", b"\r\n", b"x", b"xy"])
def test_two_bytes_more_than_the_length_says_belong_to_the_record(extra: bytes) -> None:
    short = response(b"<p>one</p>")[:-4] + extra + b"\r\n\r\n"
    items = read(short + RECORDS[-1])
    assert reasons(items) == ["page", "page"]
    assert pages(items)[0][1].strip() == b"<p>one</p>" + extra.strip()


def test_a_length_that_is_more_wrong_is_damage() -> None:
    items = read(RECORDS[1] + response(b"<p>one</p>")[:-4] + b"xyz\r\n\r\n" + RECORDS[-1])
    assert reasons(items) == ["page", "damaged"]


@pytest.mark.parametrize("length", ["-1", "", "1e3", "9" * 400, "²"])
def test_a_record_without_a_length_is_damage(length: str) -> None:
    assert reasons(read(RECORDS[1] + record("response", b"x", Content_Length=length))) == ["page", "damaged"]


def test_lines_may_end_without_a_carriage_return() -> None:
    head, _, body = answer(b"<p>\r\n</p>").partition(b"\r\n\r\n")
    block = head.replace(b"\r\n", b"\n") + b"\n\n" + body
    assert pages(read(record("response", block))) == [("1", b"<p>\r\n</p>")]
    warc = record("response", block).replace(b"\r\n", b"\n", 5).replace(b"\r\n\nHTTP", b"\n\nHTTP")
    assert pages(read(warc)) == [("1", b"<p>\r\n</p>")]


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (answer(status="404 Not Found"), "http_status"),
        (answer(status="206 Partial Content"), "http_status"),
        (answer(fields={"Content-Type": "image/png"}), "not_html"),
        (answer(fields={"Content-Type": ""}), "not_html"),
        (b"example.com. IN A 127.0.0.1", "not_html"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 40_000 + b"\r\n\r\n", "bad_payload"),
        (b"", "not_html"),
    ],
)
def test_responses_without_a_page_say_why(block: bytes, reason: str) -> None:
    [item] = read(record("response", block))
    assert not isinstance(item, RawRecord)
    assert (item.reason, item.bytes) == (reason, len(block))


@pytest.mark.parametrize("kind", ["Text/HTML", "application/xhtml+xml ; charset=x", 'text/html;charset="x"'])
def test_a_page_may_be_html_or_xhtml(kind: str) -> None:
    [item] = read(record("response", answer(fields={"Content-Type": kind})))
    assert isinstance(item, RawRecord)
    assert item.note is not None
    assert item.note["charset"] == ("x" if "charset" in kind else None)


def test_a_page_without_a_type_has_the_one_that_the_crawler_saw() -> None:
    block = answer(fields={"Content-Type": ""})
    assert reasons(read(record("response", block, WARC_Identified_Payload_Type="text/html"))) == ["page"]


@pytest.mark.parametrize("url", ["http://example.com/a b", "<http://example.com/a b>"])
def test_odd_addresses_are_kept(url: str) -> None:
    [item] = read(response(url=url))
    assert isinstance(item, RawRecord)
    assert item.note is not None
    assert item.note["url"] == "http://example.com/a b"


def test_texts_of_wet_files_are_taken_where_they_are_wanted() -> None:
    content = record("conversion", "Ein Wörtchen".encode())
    assert reasons(read(content)) == ["warc_conversion"]
    [item] = read(content, text=True)
    assert isinstance(item, RawRecord)
    assert (item.content.decode(), item.note) == (
        "Ein Wörtchen",
        {"kind": "text", "url": "http://example.com/", "date": "2020-01-02T03:04:05Z"},
    )


def test_a_record_beyond_the_limit_is_a_reject_and_the_next_is_read() -> None:
    raw = io.BytesIO(RECORDS[0] + response(b"x" * 5000) + RECORDS[1])
    items = list(warc_records("a.warc", raw, "w", limit=1000))
    assert reasons(items) == ["warc_warcinfo", "beyond_limit", "page"]
    assert isinstance(items[1], Reject)
    assert (items[1].record, items[1].bytes) == ("2", 5000 + len(answer(b"")))
    assert items[1].head.startswith(b"WARC/1.0")


@pytest.mark.parametrize(
    ("name", "content", "reason", "error"),
    [
        ("a.arc", b"filedesc://a.arc 0.0.0.0 2008 text/plain 76\n1 0 A\n", "bad_format", "recompress"),
        ("a.warc", b'{"text": "no"}', "bad_format", "no WARC record"),
        ("a.warc", b"\r\n<p>as in WARC/1.0\r\n\r\n" * 9000, "bad_format", "no WARC record"),
        (
            "a.arc",
            b"\nfiledesc://a.arc 0.0.0.0 2008 text/plain 76\n1 0 A\n" + RECORDS[0],
            "bad_format",
            "recompress",
        ),
        ("a.warc.gz", b"", "damaged", "empty file"),
        ("a.warc.gz", b"WARC/1.0\r\n", "damaged", "named as gzip"),
        ("a.warc", b"WARC/1.0\r\n" + b"x" * 40_000, "damaged", "no WARC header"),
    ],
)
def test_a_file_that_is_no_warc_is_one_reject(name: str, content: bytes, reason: str, error: str) -> None:
    [reject] = read(content, name)
    assert isinstance(reject, Reject)
    assert (reject.record, reject.reason) == (None, reason)
    assert error in reject.error


def test_an_empty_file_holds_nothing() -> None:
    assert read(b"") == []


@given(content=st.binary(max_size=300), start=st.integers(0, 400))
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise(content: bytes, start: int) -> None:
    whole = b"".join(RECORDS)
    for item in read(whole[:start] + content + whole[start + len(content) :]):
        assert isinstance(item, RawRecord | Reject | Removal)


# Records of each real file, and how many of them are pages (HTML, or text in WET files); "" if undamaged.
SAMPLES = {
    "CC-MAIN-2024-22.warc.paths.gz": (1, 0, "bad_format"),
    "aut-example.arc.gz": (1, 0, "bad_format"),
    "aut-example.warc.gz": (822, 94, ""),
    "iana.warc.gz": (343, 16, ""),
    "resiliparse_block-sized-records.warc.gz": (3, 0, ""),
    "resiliparse_clipped.warc.gz": (1, 0, "damaged"),
    "resiliparse_clueweb-quirk.warc.gz": (30, 29, ""),
    "resiliparse_warcfile.warc.gz": (50, 16, ""),
    "ukwa_IAH-20080430204825-00000-blackbook-truncated.warc.gz": (23, 2, ""),
    "ukwa_IAH-urls-wget.warc.gz": (36, 2, ""),
    "ukwa_main-page.warc.gz": (151, 1, ""),
    "ukwa_post-blackout.warc.gz": (117, 1, ""),
    "ukwa_sopa-wikipedia-homepage.warc.gz": (164, 1, ""),
    "warcio_bad.arc": (1, 0, "bad_format"),
    "warcio_example-bad-non-chunked.warc.gz": (6, 1, ""),
    "warcio_example-bad.warc.gz.bad": (1, 0, "damaged"),
    "warcio_example-iana.org-chunked.warc": (3, 1, ""),
    "warcio_example-space-in-target-uri.warc.gz": (2, 0, ""),
    "warcio_example-trunc.warc": (4, 1, ""),
    "warcio_example-wget-bad-target-uri.warc.gz": (6, 1, ""),
    "warcio_example-wrong-chunks.warc.gz": (2, 1, ""),
    "warcio_example.warc.gz": (6, 1, ""),
    "whirlwind.warc.gz": (4, 1, ""),
    "whirlwind.warc.wat.gz": (2, 0, ""),
    "whirlwind.warc.wet.gz": (2, 1, ""),
    "../malformed/news_truncated.warc.gz": (8, 6, "damaged"),
    "../news/article-extraction-181.warc.gz": (182, 181, ""),
}


def test_the_table_of_real_files_is_complete(samples: Path) -> None:
    folder = samples / "warc"
    assert {path.name for path in folder.iterdir()} == {name for name in SAMPLES if "/" not in name}


@pytest.mark.parametrize("name", SAMPLES)
def test_real_files_give_all_their_records(samples: Path, name: str) -> None:
    records, n_pages, damage = SAMPLES[name]
    path = samples / "warc" / name
    with path.open("rb") as raw:
        items = list(warc_records(path.name, raw, "w", text=True))
    assert (len(items), len(pages(items))) == (records, n_pages)
    assert [item.reason for item in items if isinstance(item, Reject)] == [damage] * bool(damage)
