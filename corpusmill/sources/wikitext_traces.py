"""Places of things that were removed, and the traces that they leave in a sentence.

A template, reference, formula or file that goes leaves a mark; brackets that hold nothing else, blanks ahead
of stops and repeated commas are tidied where a mark stands, and only there: `main()`, `int[]` and "a , b"
are as their authors wrote them.
The surprising thing: the characters here are private to the conversion. XML allows none of them, `sanitized`
takes them out of what claims otherwise, and none is left behind `tidied` and `restored`.
"""

import re

MARK = "\1"  # something was removed here
APOSTROPHE = "\4"  # one that is text whatever stands beside it
NOTHING = "\5"  # keeps apart what stands on both sides

_PRIVATE = re.compile("[\0-\5]")
_GAP = re.compile(r"[^\S\n]{2,}+|[\t\u00a0\u2002-\u200a\u202f\u3000]")
_PAIRS = {"(": ")", "[": "]", "\uff08": "\uff09", "\uff3b": "\uff3d"}
_CLOSING = tuple(_PAIRS.values())
_COMMAS = ",;:\uff0c\uff1b\uff1a\u3001"
_SEPARATORS = f" {MARK}{_COMMAS}\n"
_STOP = re.compile(rf"[.{_COMMAS}](?!\S)")
_DOTS = frozenset(("\u2022", "\u00b7"))
_BETWEEN = frozenset(("or", "and", "&", "/", "\u2013", "\u2014", "-")) | _DOTS
_LIST_MARKERS = "*#:; "
_SEEN = 80  # characters ahead of a mark that are looked at again, so that many marks take linear time


def sanitized(text: str) -> str:
    """The text without the characters that are used as marks."""
    return _PRIVATE.sub("", text)


def restored(text: str) -> str:
    """The text with characters in the place of those that stood for them; marks of removals are left."""
    return text.replace(APOSTROPHE, "'").replace(NOTHING, "")


def tidied(text: str) -> str:
    """The text with blanks of all kinds as one space, and mended where marks stand; one is left of those
    that stand together."""
    tail, *pieces = _GAP.sub(" ", text).split(MARK)
    settled = []
    for number, right in enumerate(pieces, 1):
        if len(tail) > _SEEN:
            settled.append(tail[:-_SEEN])
            tail = tail[-_SEEN:]
        between = right.strip(_SEPARATORS) if number < len(pieces) else ""
        if between in _DOTS or (between in _BETWEEN and _opened(tail)):
            right = " "  # "A \u00b7 B", or "(A or B)", of which both are gone
        tail = _joined(tail, right, begins=not settled)
    return "".join([*settled, tail])


def _opened(left: str) -> str:
    """The bracket that opens at the end of a text, if one does; "" if none."""
    last = left.rstrip(_SEPARATORS)[-1:]
    return last if last in _PAIRS else ""


def _joined(left: str, right: str, *, begins: bool) -> str:
    """Both sides of a mark, with brackets gone that hold nothing but separators and marks. `begins` says
    that the text begins with `left`."""
    while (opened := _opened(left)) and right.lstrip(_SEPARATORS).startswith(_PAIRS[opened]):
        left = left.rstrip(_SEPARATORS)[:-1]
        right = right.lstrip(_SEPARATORS)[1:]
    behind = right.lstrip(_SEPARATORS)
    if opened or behind.startswith(_CLOSING):
        return f"{left.rstrip(_SEPARATORS)}{MARK}{behind}"
    blank = left.endswith((" ", f" {MARK}")) or right.startswith(" ")
    left, right = left.rstrip(f" {MARK}"), right.lstrip(" ")
    line = left[left.rfind("\n") + 1 :].strip(_LIST_MARKERS)
    starts = not line and ("\n" in left or begins)
    if not _STOP.match(right):
        return f"{left}{MARK}{right}" if starts or not blank else f"{left} {MARK}{right}"
    if starts:
        return f"{left}{MARK}{right[1:].lstrip(' ')}"
    if left[-1:] and left[-1] in _COMMAS:
        return f"{left[:-1]}{MARK}{right}" if right[0] == "." else f"{left}{MARK}{right[1:]}"
    return f"{left}{MARK}{right}"
