import pytest

from corpusmill.sources.records import RawRecord, Reason, Record, Reject, Unusable
from corpusmill.sources.texts import decode, decode_part, file_document, part_document


def test_file_is_utf8_or_code_page_1252_and_its_byte_order_mark_is_left_out() -> None:
    assert decode("\ufeffnaïve".encode()) == ("naïve", "utf-8")
    assert decode("naïve “so”".encode("cp1252")) == ("naïve “so”", "cp1252")


def test_part_of_a_file_is_utf8_or_nothing() -> None:
    assert decode_part("naïve".encode()) == "naïve"
    for content in (b"na\xefve", b"\xed\xa0\x80"):
        with pytest.raises(Unusable, match="is not UTF-8"):
            decode_part(content)
    with pytest.raises(Unusable, match="a NUL at byte 1") as error:
        decode_part(b"a\0")
    assert error.value.reason is Reason.BINARY


def test_part_of_a_file_keeps_its_record() -> None:
    made = part_document(RawRecord("m:7", b"a"), "s")
    assert made == Record(record="m:7", source="s", text="a", meta={})


@pytest.mark.parametrize("content", [b"", b" \r\n\t"])
def test_no_text_is_an_empty_reject(content: bytes) -> None:
    for made in (file_document, part_document):
        reject = made(RawRecord("1", content), "s")
        assert isinstance(reject, Reject)
        assert (reject.record, reject.reason, reject.bytes) == ("1", Reason.EMPTY, len(content))
