"""Texts that were written as JSON once too often: `\\"` for a quotation mark, `\\n` for a line break.

With each such pass the backslashes grow. It happened to OPT's data between deduplication and training, and
showed as a loss that was too good. A text counts only if, whole, it is what stands between the quotation
marks of a JSON string, escapes and all: code, LaTeX and paths, whose backslashes mean something else, do not.
"""

import orjson

_MOST = 5  # passes that are told apart


def encoding_levels(text: str) -> int:
    """How many times `text` can be decoded as the inside of a JSON string with something to decode in it."""
    levels = 0
    while levels < _MOST and "\\" in text and "\n" not in text:
        try:
            decoded = orjson.loads(text if text[0] == text[-1] == '"' and len(text) > 1 else f'"{text}"')
        except orjson.JSONDecodeError:
            break
        if not isinstance(decoded, str):
            break
        text = decoded
        levels += 1
    return levels
