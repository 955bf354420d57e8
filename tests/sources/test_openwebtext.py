import io
import json
import lzma
import tarfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill import entries, sources
from corpusmill.sources import OpenWebTextSource, Reason, Record, Removal
from corpusmill.sources.records import Reject


def read(layout: Any, path: str, data: bytes) -> list[Any]:
    entry = entries.OpenWebText(family="openwebtext", name="owt", files=["*"], layout=layout)
    return list(sources.read(OpenWebTextSource(entry), path, io.BytesIO(data)))


def tar(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def page(record: str, text: str, **meta: Any) -> Record:
    return Record(record=record, source="owt", text=text, meta=meta)


STRAY = Removal(source="owt", reason="not_a_page", bytes=0)
FIRST = tar({"0000001-ab.txt": b"one\n", "0000002-cd.txt": "zwö".encode()})
SECOND = tar({"0000003-ef.txt": b"three"})
FOLDER = "openwebtext/urlsf_subset"


def test_original_is_a_tar_of_xzd_tars_of_pages_and_strays_are_removed() -> None:
    members = {
        f"{FOLDER}00-1_data.xz": lzma.compress(FIRST),
        f"{FOLDER}00-2_data.xz.lock": b"",
        f"{FOLDER}00-2_data.xz": lzma.compress(SECOND),
    }
    wanted = [
        page(f"{FOLDER}00-1_data.xz!0000001-ab.txt", "one\n"),
        page(f"{FOLDER}00-1_data.xz!0000002-cd.txt", "zwö"),
        STRAY,
        page(f"{FOLDER}00-2_data.xz!0000003-ef.txt", "three"),
    ]
    assert read("tar", "openwebtext.tar.xz", lzma.compress(tar(members))) == wanted
    assert read("tar", "urlsf_subset00.tar", tar(members)) == wanted
    assert read("tar", "urlsf_subset00-2_data.xz", lzma.compress(SECOND)) == [page("0000003-ef.txt", "three")]


def test_damaged_archive_gives_every_page_before_the_damage_and_one_reject() -> None:
    whole = lzma.compress(tar({f"{n}.txt": bytes(range(97, 97 + 20)) * 2000 for n in range(9)}))
    *pages, reject = read("tar", "a.tar.xz", whole[:-40])
    assert [item.record for item in pages] == [f"{n}.txt" for n in range(len(pages))]
    assert (reject.record, reject.reason) == (None, Reason.DAMAGED)


def test_file_that_is_no_archive_is_a_reject_unless_it_is_a_page() -> None:
    assert read("tar", "1.txt", b"one") == [page("text", "one")]
    [reject] = read("tar", "a.bin", b"no archive")
    assert (reject.record, reject.reason) == (None, Reason.BAD_FORMAT)


def test_unpacked_page_is_a_file() -> None:
    assert read("text", "0000001-ab.txt", b"\xef\xbb\xbfone") == [page("text", "one")]


def test_openwebtext2_keeps_what_it_has_as_meta() -> None:
    meta = {"title": "t", "url": ["u"], "reddit_scores": [3, 5]}
    lines = [{"text": "a", "meta": meta}, {"text": "b"}, {"text": "c", "meta": "m"}, {"meta": meta}]
    *pages, reject = read("jsonl", "a.jsonl", "\n".join(map(json.dumps, lines)).encode())
    assert pages == [page("1", "a", **meta), page("2", "b"), page("3", "c", meta="m")]
    assert reject.reason is Reason.MISSING_FIELD


def test_parquet_rows_are_pages() -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"text": ["a", "", "b"], "meta": [{"url": "u"}, None, None]}), file)
    first, empty, last = read("parquet", "a.parquet", file.getvalue())
    assert (first, last) == (page("1", "a", url="u"), page("3", "b"))
    assert empty.reason is Reason.EMPTY


@pytest.mark.parametrize(
    ("content", "want"),
    [
        (b"text\n\0\0\0", page("text", "text\n", nul_padding=3)),
        (b"te\0\0xt", Reason.BINARY),
        (b"\0text", Reason.BINARY),
        (b"\0" * 1024, Reason.EMPTY),
        (b"", Reason.EMPTY),
        (b" \n\0", Reason.EMPTY),
        (b"caf\xe9", Reason.INVALID_UTF8),
    ],
)
@pytest.mark.parametrize("layout", ["tar", "text", "jsonl", "parquet"])
def test_nuls_behind_a_page_are_padding_and_within_it_mean_that_it_is_no_text(
    layout: str, content: bytes, want: Any
) -> None:
    if want is Reason.INVALID_UTF8 and layout == "parquet":
        pytest.skip("test_rows has it")
    data, path = content, "a.txt"
    if layout == "jsonl":
        data, path = json.dumps({"text": content.decode("latin-1")}).encode(), "a.jsonl"
        data = content if want is Reason.INVALID_UTF8 else data
    elif layout == "parquet":
        file = io.BytesIO()
        pq.write_table(pa.table({"text": [content.decode()]}), file)
        data, path = file.getvalue(), "a.parquet"
    [item] = read(layout, path, data)
    if isinstance(want, Record):
        assert (item.text, item.meta) == (want.text, want.meta)
    else:
        assert isinstance(item, Reject)
        assert item.reason is want


def test_real_pages_are_read_out_of_archives_as_they_are(samples: Path) -> None:
    folders = sorted((samples / "owt" / "openwebtext").iterdir())
    files = {folder.name: {each.name: each.read_bytes() for each in folder.iterdir()} for folder in folders}
    packed = {f"openwebtext/{name}.xz": lzma.compress(tar(members)) for name, members in files.items()}
    items = read("tar", "openwebtext.tar.xz", lzma.compress(tar(packed)))
    texts = [content.decode() for members in files.values() for content in members.values()]
    assert [item.text for item in items] == texts
    assert len(items) == 4
