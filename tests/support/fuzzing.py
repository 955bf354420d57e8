"""Mutated inputs for every reader, and what must hold for whatever a reader makes of them.

`tests/sources/test_fuzz.py` runs a few hundred cases; `python tests/support/fuzzing.py --minutes 60` runs as
many as fit, on one core, and prints how many each reader had.
"""

import argparse
import bz2
import collections
import gzip
import io
import itertools
import json
import lzma
import re
import tarfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import hypothesis
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from hypothesis import strategies as st

from corpusmill import entries, sources
from corpusmill.sources.raw import HashingFile
from corpusmill.sources.records import Comment, Record, Reject, Removal, Submission

SENTENCE = "The naïve “quick” brown fox — 42 of them — jumps over the lazy dog & its <i>friends</i>."


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A reader, and a well-formed file for it."""

    entry: entries.Entry
    path: str
    content: bytes


def entry_of(kind: type[entries.Entry], **fields: Any) -> entries.Entry:
    family = kind.model_fields["family"].annotation.__args__[0]  # type: ignore[union-attr]
    return kind.model_validate({"name": "fuzzed", "family": family, "files": ["*"], **fields})


def _lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def _parquet(**columns: list[Any]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, row_group_size=2)
    return file.getvalue()


def _tar(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def _zip(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return file.getvalue()


def _warc() -> bytes:
    page = f"<html><head><title>T</title></head><body><article><p>{SENTENCE * 5}</p></article></body></html>"
    packed = b""
    for number in range(3):
        http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page.encode()
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number:032x}>\r\n"
            f"WARC-Date: 2020-01-0{number + 1}T00:00:00Z\r\nWARC-Target-URI: http://example.org/{number}\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
        )
        packed += gzip.compress(head.encode() + http + b"\r\n\r\n", mtime=0)
    return packed


def _epub() -> bytes:
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="o.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><manifest>'
        '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    chapter = f'<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>One</h1><p>{SENTENCE}</p></body></html>'
    chapter = chapter.replace("& its <i>friends</i>", "")
    return _zip(
        {
            "mimetype": b"application/epub+zip",
            "META-INF/container.xml": container.encode(),
            "o.opf": opf.encode(),
            "a.xhtml": chapter.encode(),
        }
    )


def _mediawiki() -> bytes:
    pages = "".join(
        f"<page><title>Page {number}</title><ns>0</ns><id>{number}</id><revision><id>{number}</id>"
        "<model>wikitext</model><format>text/x-wiki</format><text xml:space='preserve'>'''Fox''' is "
        "a [[animal|beast]].{{cite|x=[[y]]}} &lt;ref&gt;r&lt;/ref&gt; == H ==</text></revision></page>\n"
        for number in range(1, 4)
    )
    return (
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/" version="0.10" xml:lang="en">\n'
        "<siteinfo><dbname>enwiki</dbname><namespaces><namespace key='0' case='first-letter'/></namespaces>"
        f"</siteinfo>\n{pages}</mediawiki>\n"
    ).encode()


def readers() -> dict[str, Reader]:
    """Every family in every layout, each with a small good file."""
    text = f"{SENTENCE}\n{SENTENCE}\n\n\n\n\n\nAnother. {SENTENCE}\n\nEnd.\n".encode()
    comment = {"id": "c1", "link_id": "t3_a", "parent_id": "t3_a", "body": SENTENCE, "created_utc": "1"}
    post = {"id": "a", "title": SENTENCE, "selftext": "x", "created_utc": 1}
    pile = [{"text": SENTENCE, "meta": {"pile_set_name": name}} for name in ("Pile-CC", "DM Mathematics")]
    article = {"title": "T", "maintext": SENTENCE, "date_download": "2020-01-01 00:00:00", "url": "u"}
    wiki = f'<doc id="12" url="u" title="Fox">\nFox\n\n{SENTENCE}\n</doc>\n'.encode() * 2
    return {
        **{
            f"books {layout}": Reader(
                entry=entry_of(entries.Books, layout=layout, block_bytes=1024), path="a.txt", content=text
            )
            for layout in ("plain", "gutenberg", "epubtxt", "sentences", "blank_line", "five_blank_lines")
        },
        "books epub": Reader(entry=entry_of(entries.Books, layout="epub"), path="a.epub", content=_epub()),
        "books parquet": Reader(
            entry=entry_of(entries.Books, layout="parquet", block_bytes=1024),
            path="a.parquet",
            content=_parquet(text=[SENTENCE] * 5),
        ),
        "stories lines": Reader(entry=entry_of(entries.Stories, layout="lines"), path="a.txt", content=text),
        "news warc": Reader(
            entry=entry_of(entries.News, layout="warc", extractor="resiliparse"),
            path="a.warc.gz",
            content=_warc(),
        ),
        "news newsplease": Reader(
            entry=entry_of(entries.News, layout="newsplease"),
            path="a.jsonl",
            content=_lines(article, article),
        ),
        "openwebtext tar": Reader(
            entry=entry_of(entries.OpenWebText, layout="tar"),
            path="a.tar",
            content=_tar({"s_data.xz": lzma.compress(_tar({"1.txt": text, "2.txt": b"\0\0"})), "x": b"y"}),
        ),
        "openwebtext jsonl": Reader(
            entry=entry_of(entries.OpenWebText, layout="jsonl"), path="a.jsonl", content=_lines(*pile)
        ),
        "wikipedia xml": Reader(
            entry=entry_of(entries.Wikipedia, layout="xml"), path="a.xml", content=_mediawiki()
        ),
        "wikipedia wikiextractor": Reader(
            entry=entry_of(entries.Wikipedia, layout="wikiextractor"), path="wiki_00", content=wiki
        ),
        "wikipedia parquet": Reader(
            entry=entry_of(entries.Wikipedia, layout="parquet"),
            path="a.parquet",
            content=_parquet(id=["1", "2"], url=["u", "v"], title=["T", "U"], text=[SENTENCE, "x"]),
        ),
        "pile": Reader(entry=entry_of(entries.Pile), path="a.jsonl", content=_lines(*pile, SENTENCE)),
        "pile dat": Reader(
            entry=entry_of(entries.Pile, default_set="Pile-CC"),
            path="a.dat",
            content=b"".join(b"%016d%s" % (len(text), text) for _ in range(2)),
        ),
        "pile json": Reader(entry=entry_of(entries.Pile), path="a.json", content=json.dumps(pile).encode()),
        "pile zip": Reader(
            entry=entry_of(entries.Pile, default_set="Pile-CC"),
            path="a.zip",
            content=_zip({"a.txt": text, "b.txt": b"more"}),
        ),
        "pushshift": Reader(
            entry=entry_of(entries.Pushshift), path="RC_2010-01", content=_lines(comment, post, comment)
        ),
        "text file": Reader(
            entry=entry_of(entries.Text),
            path="a.tar",
            content=_tar({"/a/../b.txt": text, "c": b"c", "d.zip": _zip({"e.txt": text, "f.txt": b"f"})}),
        ),
        "text lines": Reader(entry=entry_of(entries.Text, layout="lines"), path="a.txt", content=text),
        "jsonl": Reader(
            entry=entry_of(entries.Jsonl, fields={"text": ["a.b", "c"], "meta": ["n"]}),
            path="a.jsonl",
            content=_lines({"a": {"b": SENTENCE}, "n": [1, None]}, {"c": "x", "n": 1e300}),
        ),
        "parquet": Reader(
            entry=entry_of(entries.Parquet, fields={"text": "text", "meta": ["n"]}),
            path="a.parquet",
            content=_parquet(text=[SENTENCE, None, "x", "y"], n=[1, 2, None, 4]),
        ),
        "warc": Reader(
            entry=entry_of(entries.Warc, extractor="resiliparse"), path="a.warc.gz", content=_warc()
        ),
    }


_CODECS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda content: content,
    ".gz": lambda content: gzip.compress(content, mtime=0),
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}
_PLACES = st.floats(0, 1, allow_nan=False)
_EDITS = st.tuples(
    st.sampled_from(["flip", "cut", "insert", "delete", "repeat", "zero"]),
    _PLACES,
    st.binary(min_size=1, max_size=12)
    | st.sampled_from(
        [b"\n", b"\n\n", b"\xff\xfe", b"\\ud83d", b"[" * 300, b'"', b"{}", b"<page>", b"<", b"\0" * 64]
    ),
)
CASES = st.tuples(
    st.sampled_from(sorted(_CODECS)), st.lists(_EDITS, max_size=4), st.lists(_EDITS, max_size=2)
)


def mutate(content: bytes, edits: list[tuple[str, float, bytes]]) -> bytes:
    """`content` after some edits, each at a place between 0 (the start) and 1 (the end)."""
    for kind, place, payload in edits:
        at = int(place * len(content))
        after = at + len(payload)
        match kind:
            case "flip":
                changed = bytes(a ^ b for a, b in zip(content[at:after], payload, strict=False))
                content = content[:at] + changed + content[after:]
            case "cut":
                content = content[:at]
            case "insert":
                content = content[:at] + payload + content[at:]
            case "delete":
                content = content[:at] + content[after:]
            case "repeat":
                content = content[:at] + content[max(0, at - 100 * len(payload)) :]
            case "zero":
                content = content[:at] + b"\0" * len(payload) + content[after:]
    return content


class _ShortReads(io.BytesIO):
    """Gives fewer bytes than are asked for, as sockets do."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size, 7 + self.tell() % 1000) if size and size > 0 else size)


def check(reader: Reader, case: tuple[str, list[Any], list[Any]]) -> None:
    """One case: edits of the file, a compression of it, and edits of that."""
    codec, inner, outer = case
    content = mutate(_CODECS[codec](mutate(reader.content, inner)), outer)
    path = reader.path + codec
    source = sources.source_of(reader.entry)
    found = list(sources.read(source, path, HashingFile(io.BytesIO(content))))
    again = list(sources.read(sources.source_of(reader.entry), path, HashingFile(_ShortReads(content))))
    assert found == again, "depends on the sizes of reads"
    named = [each.record for each in found if not isinstance(each, Removal) and each.record is not None]
    assert len(named) == len(set(named)), "two records of one name"
    for each in found:
        match each:
            case Record():
                each.text.encode()
                json.dumps(each.meta, allow_nan=False).encode()
                assert each.record
            case Comment() | Submission():
                json.dumps([getattr(each, name) for name in each.__slots__]).encode()
            case Reject():
                assert each.bytes >= 0
                assert len(each.head) <= 200
                each.error.encode()
            case Removal():
                assert each.bytes >= 0
    damages = [each for each in found if isinstance(each, Reject) and each.record is None]
    assert len(damages) <= 1
    assert not damages or found[-1] is damages[0], "something follows the damage"


def run(minutes: float, seed: int, only: str) -> None:
    """Cases for every reader whose name `only` matches, in turn, until the time is up."""
    every = [(name, reader) for name, reader in readers().items() if re.search(only, name)]
    counts: collections.Counter[str] = collections.Counter()
    until = time.monotonic() + 60 * minutes
    for number, (name, reader) in enumerate(itertools.cycle(every)):
        if time.monotonic() > until:
            break
        counts[name] += _some(reader, seed + number)
    for name, count in sorted(counts.items()):
        print(f"{name:<26}{count:>9,}")
    print(f"{'all':<26}{sum(counts.values()):>9,} cases, no failure, seed {seed}")


def _some(reader: Reader, seed: int) -> int:
    """How many cases were checked, about 200."""
    count = 0

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=200,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(CASES)
    def cases(case: Any) -> None:
        nonlocal count
        count += 1
        check(reader, case)

    cases()
    return count


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Mutated inputs through every reader.")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", metavar="REGEX", help="readers by name (default: all)")
    arguments = parser.parse_args()
    run(arguments.minutes, arguments.seed, arguments.only)
