"""ftfy's repair of broken text, exactly, with a way past it for text that it would not change.

ftfy takes about a second a megabyte, also where there is nothing to do. Lines are the unit of its work, so
one pass over the text (`suspects`) says which lines it may change; only those are given to it, and of those
most need only a few of its steps. Whatever a step would find is asked first by a cheaper test.
"""

import re
import unicodedata

import ftfy
from ftfy import badness, chardata, fixes

from corpusmill.clean import suspects
from corpusmill.clean.suspects import CHANGED, ENTITY, MOJIBAKE, UNNORMALIZED

_ASCII_CONTROLS = bytes(point for point in chardata.CONTROL_CHARS if point < 128) + b"\r"
_ENTITY = chardata.HTML_ENTITY_RE
_CONTROLS = re.compile(f"[{re.escape(''.join(map(chr, chardata.CONTROL_CHARS)))}]")
_CHARACTERS = (
    (chardata.C1_CONTROL_RE, fixes.fix_c1_controls),
    (re.compile(f"[{''.join(map(chr, chardata.LIGATURES))}]"), fixes.fix_latin_ligatures),
    (re.compile(f"[{''.join(map(chr, chardata.WIDTH_MAP))}]"), fixes.fix_character_width),
    (re.compile("[\u02bc\u2018-\u201f]"), fixes.uncurl_quotes),
)
_DEFAULT = ftfy.TextFixerConfig(explain=False)
_KEEPING_ENTITIES = ftfy.TextFixerConfig(unescape_html=False, explain=False)
_LIMIT = _DEFAULT.max_decode_length  # ftfy cuts longer lines, wherever that is
_BLOCK = 1 << 22  # characters looked through at a time


def fold_newlines(text: str) -> str:
    """CRLF and CR become LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def fix_text(text: str) -> str:
    """`ftfy.fix_text(text)`, in its default configuration."""
    return _fix(text, unescape=True)


def fix_text_keeping_entities(text: str) -> str:
    """`ftfy.fix_text(text, unescape_html=False)`, for text whose entities have been dealt with."""
    return _fix(text, unescape=False)


def _fix(text: str, unescape: bool) -> str:
    if "\r" in text and len(text) <= _LIMIT and text.count("\r") == text.count("\r\n"):
        text = text.replace("\r\n", "\n")  # a line is the same to ftfy with either end
    if text.isascii() and not (unescape and _ENTITY.search(text)) and not _is_controlled(text):
        return text
    if len(text) <= _BLOCK:
        return _fix_block(text, unescape)
    fixed = []
    first = 0
    while first < len(text):
        stop = text.find("\n", first + _BLOCK) + 1 or len(text)
        block = text[first:stop]
        fixed.append(_fix_block(block, unescape))
        unescape = unescape and "<" not in block
        first = stop
    return "".join(fixed)


def _is_controlled(text: str) -> bool:
    """Whether an ASCII text holds a control character that ftfy removes or replaces."""
    return len(text.encode("ascii").translate(None, _ASCII_CONTROLS)) < len(text)


def _fix_block(text: str, unescape: bool) -> str:
    """Of whole lines."""
    found = suspects.scan(text)
    if not len(found.lines):
        return found.text
    tag = text.find("<") if unescape else -1  # from its line on, ftfy leaves entities alone
    pieces = []
    done = 0
    for first, stop, why in found.lines.tolist():
        line = text[first:stop]
        fixed: str | None
        if len(line) > _LIMIT:
            fixed = ftfy.fix_text(line, _DEFAULT if unescape and not 0 <= tag < first else _KEEPING_ENTITIES)
        else:
            fixed = _fix_line(line, found.text[first:stop], why, unescape and not 0 <= tag < stop)
        if fixed is not None:
            pieces += [found.text[done:first], fixed]
            done = stop
    return "".join([*pieces, found.text[done:]])


def _fix_line(line: str, eased: str, why: int, unescape: bool) -> str | None:
    """What ftfy makes of `line`; None if that is `eased`, the line with its easy characters replaced."""
    if (
        why & CHANGED
        or (why & ENTITY and unescape)
        or (why & MOJIBAKE and (badness.is_bad(line) or badness.is_bad(eased)))
        or (why & UNNORMALIZED and not unicodedata.is_normalized("NFC", eased))
    ):
        return _fix_suspect(line, unescape)
    return None


def _fix_suspect(line: str, unescape: bool) -> str:
    """`ftfy.fix_and_explain(line).text`: the same steps in the same order, each only where it has work."""
    while True:
        before = line
        if unescape and "&" in line:
            line = fixes.unescape_html(line)
        if suspects.may_be_mojibake(line):
            line = ftfy.fix_encoding(line, _DEFAULT)
        if not line.isascii():
            for pattern, step in _CHARACTERS:
                if pattern.search(line):
                    line = step(line)
        line = fixes.fix_surrogates(fixes.fix_line_breaks(line))
        if "\x1b" in line:
            line = fixes.remove_terminal_escapes(line)
        if _CONTROLS.search(line):
            line = fixes.remove_control_chars(line)
        line = unicodedata.normalize("NFC", line)
        if line == before:
            return line
