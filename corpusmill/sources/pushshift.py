"""PushShift Reddit: comments (RC_*) and submissions (RS_*), one JSON object a line, from 2005 on.

The schema changes from month to month, so a comment needs only `id`, `link_id`, `parent_id` and `body`, and
a submission `id` and `title`, which together with no `body` is what tells it from a comment; of the other
fields a value of an unexpected type is read as None. "[deleted]" bodies are comments like any.
The surprising thing: a number is an id in base 10, as the API gave parents in 2021-23 (null for a root), and
a string is one in base 36, also where it has digits only; most ids of the first years look so.
"""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from corpusmill.entries import Pushshift
from corpusmill.sources.framing import line_records
from corpusmill.sources.jsonlines import json_type, parse
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import (
    Comment,
    Framed,
    RawRecord,
    Reason,
    Reject,
    Submission,
    Unusable,
    rejected,
)

_COMMENT, _SUBMISSION = "t1_", "t3_"  # prefixes of Reddit's "full names"
_PREFIX = re.compile(r"t\d_")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MOST = 1 << 63  # no id has more bits
_MOST_EXACT = 1 << 53  # and no float tells greater ones from their neighbours


class PushshiftSource:
    """Comments and submissions of one recipe entry. `rules` clean one message."""

    rules: ClassVar[tuple[str, ...]] = ("html_unescape", "ftfy_no_unescape", "one_line", "invisible")

    def __init__(self, entry: Pushshift) -> None:
        self.name = entry.name

    def records(self, path: str, raw: RawFile) -> Iterator[Framed]:
        """Every line of a dump."""
        return line_records(path, raw, self.name)

    def document(self, record: RawRecord) -> Comment | Submission | Reject:
        """The comment or submission of a line; never raises for bad data."""
        try:
            fields = parse(record.content)
            if not isinstance(fields, dict):
                raise Unusable(Reason.NOT_AN_OBJECT, f"JSON {json_type(fields)}, not an object")
            if "title" in fields and "body" not in fields:
                return self._submission(record.record, fields)
            return self._comment(record.record, fields)
        except Unusable as error:
            return rejected(record, self.name, error.reason, str(error))

    def _comment(self, record: str, fields: dict[str, Any]) -> Comment:
        comment = _id(fields, "id").removeprefix(_COMMENT)
        link = _full_name(_id(fields, "link_id"), _SUBMISSION)
        if "parent_id" in fields and fields["parent_id"] in (None, ""):
            parent = link
        else:
            parent = _full_name(_id(fields, "parent_id"), _COMMENT)
        return Comment(
            record=record,
            id=comment,
            link_id=link,
            parent_id=parent,
            body=_text(fields, "body"),
            author=_string(fields.get("author")),
            score=_integer(fields.get("score")),
            created_utc=_integer(fields.get("created_utc")),
            subreddit=_string(fields.get("subreddit")),
        )

    def _submission(self, record: str, fields: dict[str, Any]) -> Submission:
        return Submission(
            record=record,
            link_id=_full_name(_id(fields, "id"), _SUBMISSION),
            title=_text(fields, "title"),
            selftext=_string(fields.get("selftext")) or "",
            author=_string(fields.get("author")),
            created_utc=_integer(fields.get("created_utc")),
            subreddit=_string(fields.get("subreddit")),
        )


def _id(fields: dict[str, Any], field: str) -> str:
    """An id in base 36, with the prefix that it may have; a number is one in base 10. `Unusable` if it is
    neither, or has nothing behind its prefix."""
    value = fields.get(field)
    if isinstance(value, str):
        if not value or (len(value) == len(_COMMENT) and _PREFIX.match(value)):
            raise Unusable(Reason.EMPTY, f"{field} is empty")
        return value
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _not_of_type(fields, field, "string or number")
    if not 0 <= value < (_MOST if isinstance(value, int) else _MOST_EXACT) or value != int(value):
        raise Unusable(Reason.WRONG_TYPE, f"{field} is {value!s:.40}, a number that is no id")
    return _base_36(int(value))


def _base_36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits


def _full_name(id_: str, prefix: str) -> str:
    """An id that some re-exports have stripped of its prefix with that again."""
    return id_ if id_.startswith(prefix) or _PREFIX.match(id_) else prefix + id_


def _text(fields: dict[str, Any], field: str) -> str:
    value = fields.get(field)
    if not isinstance(value, str):
        raise _not_of_type(fields, field, "string")
    return value


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _not_of_type(fields: dict[str, Any], field: str, wanted: str) -> Unusable:
    if field not in fields:
        return Unusable(Reason.MISSING_FIELD, f"{field} is missing")
    if fields[field] is None:
        return Unusable(Reason.NULL_FIELD, f"{field} is null")
    return Unusable(Reason.WRONG_TYPE, f"{field} is of type {json_type(fields[field])}, not {wanted}")


def _integer(value: Any) -> int | None:
    """A number as some months write it, 12, 12.0 or "12", where it fits 64 bits; otherwise None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        digits = len(value) < 20 and value.isascii() and value.removeprefix("-").isdigit()
        value = int(value) if digits else None
    if isinstance(value, int | float) and -(2**63) <= value < 2**63:  # false for NaN and the infinities
        return int(value)
    return None
