"""A reject's `error` speaks of the record: none of it is what Python or a library says of its own affairs."""

import gzip
import io
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from fuzzing import Reader, entry_of, mutate, readers

from corpusmill import entries, sources
from corpusmill.sources.records import Reject

READERS = readers()
PYTHON = re.compile(
    r"NoneType|has no attribute|out of range|Traceback|argument of type|codec|unexpected keyword"
    r"|object is not|is not (?:iterable|callable|subscriptable)|invalid literal|Expecting|Extra data"
    r"|delimiter|unhashable|not supported between|cannot unpack|unpack requires|positional|recursion|Python"
    r"|Exception|(?:Error|Warning)\b|Errno|\bself\b|<class|<module|0x[0-9a-f]{6,}|__\w+__|can't|decompressobj"
    r"|Bad CRC|not a zip file|magic number|while decompressing|decoder (?:failed|process)",
)
WORDS = [
    "",
    "{",
    "null",
    "[]",
    "\\x00",
    "\\ud800",
    "<page>",
    "<doc ",
    "1e999",
    "9" * 5000,
    "[" * 5000,
    "\ufeff",
]


def errors(entry: entries.Entry, path: str, content: bytes) -> list[str]:
    items = sources.read(sources.source_of(entry), path, io.BytesIO(content))
    return [item.error for item in items if isinstance(item, Reject)]


def assert_plain(found: list[str]) -> None:
    for error in found:
        said = re.sub(r"b?'[^']*'|b?\"[^\"]*\"", "", error)  # what the record says is its own
        assert not PYTHON.search(said), error
        assert error == error.strip()
        assert error


@pytest.mark.parametrize("name", sorted(READERS))
def test_of_mutated_files(name: str) -> None:
    reader: Reader = READERS[name]
    rng = random.Random(name)
    kinds = ["flip", "cut", "insert", "delete", "repeat", "zero"]
    found = []
    for _ in range(150):
        noise = [rng.randbytes(8), rng.choice(WORDS).encode()[:300] or b"x"]
        edits = [(rng.choice(kinds), rng.random(), rng.choice(noise)) for _ in range(rng.randint(1, 3))]
        found += errors(reader.entry, reader.path, mutate(reader.content, edits))
    assert found
    assert_plain(found)


VALUES: list[Any] = [
    None,
    True,
    3,
    -1,
    1.5,
    "",
    " ",
    "x",
    [],
    [None],
    ["x", 1],
    {},
    {"text": None},
    {"a": {"b": 1}},
]


@pytest.mark.parametrize("name", [name for name in sorted(READERS) if READERS[name].content[:1] in b"{["])
def test_of_json_with_values_of_any_kind_in_every_field(name: str) -> None:
    reader = READERS[name]
    first = json.loads(reader.content.splitlines()[0])
    record = first[0] if isinstance(first, list) else first
    lines = [{**record, field: value} for field in record for value in VALUES] + VALUES
    content = json.dumps(lines) if isinstance(first, list) else "\n".join(map(json.dumps, lines))
    found = errors(reader.entry, reader.path, content.encode())
    assert found
    assert_plain(found)


@pytest.mark.parametrize(
    "page",
    [
        *(
            b"",
            b"<title></title>",
            b"<title>a</title><ns></ns>",
            b"<ns>x</ns>",
            b"<id>x</id>",
            b"<revision></revision>",
        ),
        *(
            b"<title>a</title><ns>0</ns><id>1</id><revision><id>x</id></revision>",
            b"<a>" * 500,
            b"&x;",
            b"</x>",
            b"\0",
        ),
        *(
            b"<title>a</title><ns>0</ns><id>1</id><revision><id>1</id><timestamp>x</timestamp></revision>",
            b"<redirect>",
        ),
        *(
            b"<title>a</title><revision><contributor><id>x</id></contributor></revision>",
            b"<text bytes='x'/>",
            b"\xff",
        ),
    ],
)
def test_of_pages_that_lack_what_a_page_has(page: bytes) -> None:
    reader = READERS["wikipedia xml"]
    found = errors(reader.entry, "a.xml", b"<mediawiki>\n<page>" + page + b"</page></mediawiki>")
    assert found
    assert_plain(found)


@pytest.mark.parametrize(
    "content", [b"", b"PK\3\4", b"PK\5\6" + bytes(18), b"PK\5\6" + b"\xff" * 40, gzip.compress(b"x")]
)
@pytest.mark.parametrize("name", sorted(READERS))
def test_of_files_that_are_something_else(name: str, content: bytes) -> None:
    for path in (READERS[name].path, "a.zip", "a.tar", "a.gz", "a.xz", "a.bz2", "a.zst"):
        assert_plain(errors(READERS[name].entry, path, content))


def test_of_pages_that_are_encoded_otherwise_than_they_say() -> None:
    for encoding in ("gzip", "deflate", "br", "x", "gzip, br"):
        for body in (
            b"\0",
            b"\x1f\x8b\x08" + bytes(9),
            b"x\x9c\xff\xff",
            b"\xff" * 99,
            b"\x8b\x02\x80",
            b"\x0b" * 30,
        ):
            http = (
                f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {encoding}\r\n\r\n".encode()
                + body
            )
            head = f"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: {len(http)}\r\n\r\n".encode()
            assert_plain(errors(READERS["warc"].entry, "a.warc", head + http + b"\r\n\r\n"))


def test_of_the_malformed_samples(samples: Path) -> None:
    kinds = {"rc": entries.Pushshift, "pile": entries.Pile, "news": entries.Warc}
    found = []
    for path in sorted((samples / "malformed").iterdir()):
        kind = next((kind for start, kind in kinds.items() if path.name.startswith(start)), entries.Jsonl)
        fields = {"fields": {"text": ["text"]}} if kind is entries.Jsonl else {}
        found += errors(entry_of(kind, **fields), path.name, path.read_bytes())
    assert len(found) > 30
    assert_plain(found)
