"""Which lines of a text ftfy might change, by one pass over its characters.

Everything here errs on one side: a line that is not suspected is one that ftfy leaves as it is, but for
characters that become another one each (curly quotation marks, full-width forms), which the same pass
replaces. The reasons for suspicion are derived from ftfy's own tables and from its expression for mojibake,
piece by piece; another version may have another one, so `check_version` compares.
"""

import functools
import hashlib
import re
import unicodedata
from dataclasses import dataclass

import numba
import numpy as np
from ftfy import badness, chardata

from corpusmill.errors import CorpusmillError

# Why a line is suspected: bits of a mask.
CHANGED = 1  # it holds a character that ftfy may remove, or replace by several
MOJIBAKE = 2  # ftfy's expression for mojibake may match
ENTITY = 4  # it holds an HTML entity
UNNORMALIZED = 8  # it may not be in NFC

# What else there is to know of a character: more bits.
_EASY, _OE, _A, _WORD = 16, 32, 64, 128

_EXPRESSION = "9dcc0f2ac90d"  # of ftfy 6.3.1, to which the pairs belong
_ODD = (
    "{bad}{lower_accented}{upper_accented}{box}{start_punctuation}{end_punctuation}{currency}{numeric}{law}"
)
_MARK = "{bad}{start_punctuation}{end_punctuation}{currency}°µ"
# Neighbours: in all that ftfy's expression matches there is a pair of these, in its own classes, or else
# a C1 control, œ before no letter, or Ã or Â before a space or a character that is not ASCII.
_PAIRS = (
    (_ODD + "{lower_common}{upper_common}", "{bad}"),
    ("{bad}", _ODD),
    ("{lower_accented}{lower_common}{box}{end_punctuation}{currency}{numeric}", "{upper_accented}"),
    ("{box}{end_punctuation}{currency}{numeric}", "{lower_accented}"),
    ("{lower_accented}{upper_accented}{box}{end_punctuation}", "{currency}"),
    ("{upper_accented}{box}", "{numeric}{law}"),
    ("{start_punctuation}", "{numeric}"),
    ("{upper_accented}{end_punctuation}{currency}{numeric}{box}", "{start_punctuation}"),
    ("{box}", "{kaomoji}{end_punctuation}"),
    (_ODD, "{box}"),
    ("{upper_accented}", "°"),
    ("ÎÐ", "€œŠš¢£Ÿž\xa0\xad®©°·»{start_punctuation}{end_punctuation}–—´"),
    ("×", "²³"),
    ("ØÙ", "{common}{currency}{bad}{numeric}{start_punctuation}ŸŠ®°µ»"),
    ("à", "²µ¹¼½¾"),
    ("√", "±∂†≠®™´≤≥¥µø"),
    ("≈", "°¢"),
    ("‚", "Äâó"),
    ("в", "Ђ"),
    ("ВГРС", _MARK),
    ("Г", "ў"),
    ("β", "€"),
    ("ΒΓΞΟ", _MARK),
)
# The one pair that European languages are full of counts only before a character of a word.
_BEFORE_WORD = ("{lower_accented}{upper_accented}", "{start_punctuation}{end_punctuation}")
_BEFORE_WORD_BIT = np.uint32(1 << 31)


@dataclass(frozen=True)
class Scan:
    """What one pass found. `text` has the easy characters replaced; `lines` is int64[n, 3]: of every
    suspected line its first character, the one behind its last (line break included), and why."""

    text: str
    points: np.ndarray
    lines: np.ndarray


def check_version() -> None:
    """`CorpusmillError` if ftfy's expression is not the one that the pairs were derived from."""
    found = hashlib.sha256(badness.BADNESS_RE.pattern.encode()).hexdigest()[:12]
    if found != _EXPRESSION:
        raise CorpusmillError("this ftfy recognizes mojibake otherwise than 6.3.1; install ftfy==6.3.1")


def scan(text: str) -> Scan:
    """Look through `text`."""
    points = np.frombuffer(bytearray(text.encode("utf-32-le", "surrogatepass")), np.uint32)
    lines = np.empty((text.count("\n") + 1, 3), np.int64)
    n_lines, replaced = _scan(points, *_tables(), lines)
    return Scan(decode(points) if replaced else text, points, lines[:n_lines])


def may_be_mojibake(line: str) -> bool:
    """Whether ftfy's expression for mojibake may match in a line."""
    return not line.isascii() and any(why & MOJIBAKE for why in scan(line).lines[:, 2].tolist())


def decode(points: np.ndarray) -> str:
    """The text of code points (uint32[n])."""
    return points.tobytes().decode("utf-32-le", "surrogatepass")


@functools.cache
def _tables() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(bits of each character, uint8[0x110000]; what each becomes, uint32[0x10000]; the pairs that each
    may begin, and end, a bit a pair, uint32[0x10000])."""
    check_version()
    everything = "".join(map(chr, range(0x10000)))
    kinds = np.zeros(0x110000, np.uint8)
    kinds[_perhaps_unnormalized()] |= UNNORMALIZED
    kinds[[*chardata.LIGATURES, *chardata.CONTROL_CHARS, *map(ord, "\r\u2028\u2029")]] |= CHANGED
    kinds[0xD800:0xE000] |= CHANGED  # surrogates
    becomes = np.arange(0x10000, dtype=np.uint32)
    easy = {ord(quote): "'" for quote in chardata.SINGLE_QUOTE_RE.findall(everything)}
    easy |= {ord(quote): '"' for quote in chardata.DOUBLE_QUOTE_RE.findall(everything)}
    for point, other in [*easy.items(), *chardata.WIDTH_MAP.items()]:
        if other.isascii() and len(other) == 1:
            becomes[point] = ord(other)
            kinds[point] |= _EASY
        else:
            kinds[point] |= CHANGED
    kinds[0x80:0xA0] |= MOJIBAKE
    kinds[[ord("Œ"), ord("œ")]] |= _OE
    kinds[[ord("Ã"), ord("Â")]] |= _A
    kinds[[point for point in range(0x110000) if chr(point).isalnum()] + [ord("_")]] |= _WORD
    begins, ends = np.zeros((2, 0x10000), np.uint32)
    for bit, (first, second) in [*enumerate(_PAIRS), (31, _BEFORE_WORD)]:
        for table, members in ((begins, first), (ends, second)):
            members = members.format(**badness.MOJIBAKE_CATEGORIES)
            table[[ord(each) for each in re.findall(f"[{members}]", everything)]] |= np.uint32(1 << bit)
    return kinds, becomes, begins, ends


def _perhaps_unnormalized() -> list[int]:
    """The characters without which every text is in NFC: those that reorder, decompose, or compose with
    what stands before them (the last are the `Maybe` of Unicode's NFC_Quick_Check)."""
    composing = {*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)}  # vowels and final consonants of Hangul
    for point in range(0x110000):
        parts = unicodedata.decomposition(chr(point)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            composing.add(int(parts[1], 16))
    return [
        point
        for point in range(0x110000)
        if point in composing
        or unicodedata.combining(chr(point))
        or not unicodedata.is_normalized("NFC", chr(point))
    ]


@numba.njit(
    "Tuple((i8, b1))(u4[::1], u1[::1], u4[::1], u4[::1], u4[::1], i8[:, ::1])", cache=True, nogil=True
)
def _scan(
    points: np.ndarray,
    kinds: np.ndarray,
    becomes: np.ndarray,
    begins: np.ndarray,
    ends: np.ndarray,
    lines: np.ndarray,
) -> tuple[int, bool]:
    """Replace the easy characters of `points` in place and fill `lines`: (how many there are, whether
    anything was replaced)."""
    n_lines = 0
    replaced = False
    first = 0
    why = 0
    before = np.uint32(0)  # the pairs that the last character may begin
    pending = 0  # bits of the last character that the next one decides on
    entity = -1  # letters and digits since "&" or "&#"; -1 outside
    hashed = False
    for at in range(len(points)):
        point = points[at]
        if pending:
            letter = point < 128 and 97 <= point | 32 <= 122
            if pending & _OE and not letter:
                why |= MOJIBAKE
            if pending & _A and (point == 32 or point > 127):
                why |= MOJIBAKE
            if pending & _WORD and (kinds[point] & _WORD):
                why |= MOJIBAKE
            pending = 0
        kind = kinds[point]
        if point > 127:
            after = before
            before = np.uint32(0)
            if point < 0x10000:
                pairs = after & ends[point]
                if pairs:
                    if pairs & ~_BEFORE_WORD_BIT:
                        why |= MOJIBAKE
                    else:
                        pending |= _WORD
                before = begins[point]
            pending |= kind & (_OE | _A)
            if kind & _EASY:
                point = becomes[point]
                points[at] = point
                replaced = True
        else:
            before = np.uint32(0)
        why |= kind & (CHANGED | MOJIBAKE | UNNORMALIZED)
        if point == 38:  # &
            entity, hashed = 0, False
        elif entity >= 0:
            if 48 <= point <= 57 or (point < 128 and 97 <= point | 32 <= 122):
                entity += 1
                if entity > 24:
                    entity = -1
            elif point == 35 and entity == 0 and not hashed:  # #
                hashed = True
            else:
                if point == 59 and entity > 0:  # ;
                    why |= ENTITY
                entity = -1
        if point == 10 or at == len(points) - 1:
            if why:
                lines[n_lines, 0], lines[n_lines, 1], lines[n_lines, 2] = first, at + 1, why
                n_lines += 1
            first, why, before = at + 1, 0, np.uint32(0)
            entity = -1
    return n_lines, replaced
