"""ftfy's repair of broken text, exactly, with a way past it for text that it would not change.

ftfy takes about a second a megabyte, also where there is nothing to do. Of ASCII text it changes only
four things: carriage returns, control characters, terminal escapes (which begin with one) and HTML
entities; so ASCII without the last three needs its line ends folded at most, and everything else goes
through ftfy whole.
"""

import re

import ftfy

_CONTROL = re.compile("[\0-\x08\x0b\x0e-\x1f\x7f]")  # but for the carriage return
_ENTITY = re.compile("&#?[0-9A-Za-z]{1,24};")
_DEFAULT = ftfy.TextFixerConfig(explain=False)
_KEEPING_ENTITIES = ftfy.TextFixerConfig(unescape_html=False, explain=False)


def fold_newlines(text: str) -> str:
    """CRLF and CR become LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def fix_text(text: str) -> str:
    """`ftfy.fix_text(text)`, in its default configuration."""
    if text.isascii() and not _CONTROL.search(text) and not _ENTITY.search(text) and _folds(text):
        return fold_newlines(text)
    return ftfy.fix_text(text, _DEFAULT)


def fix_text_keeping_entities(text: str) -> str:
    """`ftfy.fix_text(text, unescape_html=False)`, for text whose entities have been dealt with."""
    if text.isascii() and not _CONTROL.search(text) and _folds(text):
        return fold_newlines(text)
    return ftfy.fix_text(text, _KEEPING_ENTITIES)


def _folds(text: str) -> bool:
    """Whether ftfy folds line ends as `fold_newlines` does: it may cut a longer text inside a CRLF."""
    return len(text) <= _DEFAULT.max_decode_length or "\r" not in text
