"""WARC files of a test's own making."""

import gzip
from collections.abc import Iterable, Mapping

PAGE = b"<html><head><title>A page</title></head><body><p>Some text.</p></body></html>"


def record(
    kind: str,
    block: bytes,
    *,
    url: str = "http://example.com/",
    date: str = "2020-01-02T03:04:05Z",
    **more: str,
) -> bytes:
    """A record of a WARC file, with its line ends. `more` are fields of its header, with _ for -."""
    fields = {
        "WARC-Type": kind,
        "WARC-Target-URI": url,
        "WARC-Date": date,
        "Content-Length": str(len(block)),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return b"WARC/1.0\r\n" + lines.encode() + b"\r\n" + block + b"\r\n\r\n"


def answer(body: bytes = PAGE, fields: Mapping[str, str] | None = None, status: str = "200 OK") -> bytes:
    """An HTTP response."""
    lines = {"Content-Type": "text/html; charset=utf-8", **(fields or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def response(body: bytes = PAGE, **more: str) -> bytes:
    """A record of an answer with a page."""
    return record("response", answer(body), **more)


def members(records: Iterable[bytes]) -> bytes:
    """A gzip file, a member a record."""
    return b"".join(gzip.compress(each, mtime=0) for each in records)
