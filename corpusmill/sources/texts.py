"""Bytes of a text file to its text: UTF-8, or the Windows code page 1252 that older transcriptions have.

The surprising thing: every other encoding is a reject, not a guess. Code page 1252 is tried only where
the bytes hold nothing that it leaves undefined and no mark says that they are UTF-8.
"""

from corpusmill.sources.records import Reason, Unusable

_BOM = b"\xef\xbb\xbf"


def decode(content: bytes) -> tuple[str, str]:
    """(text, encoding) of the bytes of a text file, a mark of byte order left out; `Unusable` if they are
    no text in an encoding that can be told, or none at all."""
    if not content.removeprefix(_BOM).strip():
        raise Unusable(Reason.EMPTY, "no text in the file")
    if (nul := content.find(b"\0")) >= 0:
        raise Unusable(Reason.BINARY, f"a NUL at byte {nul}, so not text")
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as not_utf8:
        error = f"byte {not_utf8.start + len(_BOM) * content.startswith(_BOM)} is not UTF-8"
        if content.startswith(_BOM):
            raise Unusable(Reason.INVALID_UTF8, error) from not_utf8
    try:
        return content.decode("cp1252"), "cp1252"
    except UnicodeDecodeError as not_cp1252:
        error += f", and byte {not_cp1252.start} is not code page 1252"
        raise Unusable(Reason.INVALID_UTF8, error) from not_cp1252
