"""Bodies of HTTP responses, as they are sent and as crawlers store them."""

import contextlib
import gzip
import zlib
from typing import Any

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.sources.payloads import payload
from corpusmill.sources.records import Unusable

PAGE = b"<html>" + b"<p>A sentence or two.</p>\r\n" * 50 + b"</html>"
LIMIT = 1 << 20
RAW = zlib.compressobj(wbits=-15)
ENCODED = {
    "gzip": gzip.compress(PAGE),
    "x-gzip": gzip.compress(PAGE),
    "deflate": zlib.compress(PAGE),
    "Deflate": RAW.compress(PAGE) + RAW.flush(),
    "br": brotli.compress(PAGE),
    "deflate, gzip": gzip.compress(zlib.compress(PAGE)),
}


def note(**fields: str) -> dict[str, Any]:
    return {"transfer": None, "encoding": None, "length": None, "truncated": None, **fields}


def chunked(body: bytes, size: int = 100) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x;x=y\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize("encoding", ENCODED)
def test_a_page_is_decoded_as_its_header_says(encoding: str) -> None:
    body = ENCODED[encoding]
    assert payload(body, note(encoding=encoding), LIMIT) == PAGE
    assert payload(chunked(body), note(encoding=encoding, transfer="Chunked"), LIMIT) == PAGE


@pytest.mark.parametrize("encoding", ENCODED)
def test_a_page_that_is_stored_decoded_stays_as_it_is(encoding: str) -> None:
    stored = note(encoding=encoding, transfer="chunked", length="7")
    assert payload(PAGE, stored, LIMIT) == PAGE
    assert payload(b"\r\n" + PAGE, stored, LIMIT).strip() == PAGE


@pytest.mark.parametrize("encoding", ENCODED)
def test_an_empty_line_before_an_encoded_page_is_passed_over(encoding: str) -> None:
    assert payload(b"\r\n" + ENCODED[encoding], note(encoding=encoding), LIMIT) == PAGE


@pytest.mark.parametrize("encoding", ENCODED)
@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_cut_page_is_a_reject_unless_the_crawler_cut_it(encoding: str, cut: int) -> None:
    for body, transfer in (
        (ENCODED[encoding][:-cut], ""),
        (chunked(ENCODED[encoding])[: -cut - 5], "chunked"),
    ):
        with pytest.raises(Unusable, match="not whole") as error:
            payload(body, note(encoding=encoding, transfer=transfer), LIMIT)
        assert error.value.reason == "bad_payload"
        page = payload(body, note(encoding=encoding, transfer=transfer, truncated="length"), LIMIT)
        assert PAGE.startswith(page)


def test_a_page_shorter_than_its_header_says_is_a_reject() -> None:
    assert payload(PAGE, note(length=str(len(PAGE))), LIMIT) == PAGE
    for length in (str(len(PAGE) + 1), "9" * 400):
        with pytest.raises(Unusable, match="bytes"):
            payload(PAGE, note(length=length), LIMIT)
    assert payload(PAGE, note(length="9999", truncated="time"), LIMIT) == PAGE
    assert payload(PAGE, note(length="many"), LIMIT) == PAGE


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_page_that_expands_beyond_the_limit_is_a_reject(encoding: str) -> None:
    page = b"<p>" + b"x" * LIMIT
    body = {"gzip": gzip.compress(page), "deflate": zlib.compress(page), "br": brotli.compress(page)}[
        encoding
    ]
    with pytest.raises(Unusable) as error:
        payload(body, note(encoding=encoding), LIMIT)
    assert error.value.reason == "beyond_limit"
    with pytest.raises(Unusable, match="limit"):
        payload(page, note(), LIMIT)


def test_an_encoding_that_is_not_known_is_a_reject() -> None:
    with pytest.raises(Unusable, match="'exi'"):
        payload(b"\x80abc", note(encoding="exi"), LIMIT)


@given(
    body=st.binary(max_size=200),
    encoding=st.sampled_from(["", "gzip", "deflate", "br", "gzip, br", "?"]),
    transfer=st.sampled_from(["", "chunked"]),
    truncated=st.sampled_from(["", "length"]),
)
@settings(max_examples=200, deadline=None)
def test_no_body_raises_anything_else(body: bytes, encoding: str, transfer: str, truncated: str) -> None:
    for each in (body, b"\x1f\x8b\x08" + body, b"5\r\n" + body, ENCODED["br"][:20] + body):
        with contextlib.suppress(Unusable):
            payload(each, note(encoding=encoding, transfer=transfer, truncated=truncated), LIMIT)
