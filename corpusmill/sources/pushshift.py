"""PushShift Reddit: comments (RC_*) and submissions (RS_*), one JSON object a line, from 2005 on.

The schema changes from month to month, so a comment needs only `id`, `link_id`, `parent_id` and `body`, and
a submission `id` and `title`, which together with no `body` is what tells it from a comment; of the other
fields a value of an unexpected type is read as None. "[deleted]" bodies are comments like any.
"""

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

_SUBMISSION = "t3_"
_MAY_BE_EMPTY = ("body", "title")


class PushshiftSource:
    """Comments and submissions of one recipe entry. `rules` clean one message."""

    rules: ClassVar[tuple[str, ...]] = ("html_unescape", "ftfy_no_unescape", "one_line")

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
        _require(fields, ("id", "link_id", "parent_id", "body"))
        return Comment(
            record=record,
            id=fields["id"],
            link_id=fields["link_id"],
            parent_id=fields["parent_id"],
            body=fields["body"],
            author=_string(fields.get("author")),
            score=_integer(fields.get("score")),
            created_utc=_integer(fields.get("created_utc")),
            subreddit=_string(fields.get("subreddit")),
        )

    def _submission(self, record: str, fields: dict[str, Any]) -> Submission:
        _require(fields, ("id", "title"))
        return Submission(
            record=record,
            link_id=_SUBMISSION + fields["id"],
            title=fields["title"],
            selftext=_string(fields.get("selftext")) or "",
            author=_string(fields.get("author")),
            created_utc=_integer(fields.get("created_utc")),
            subreddit=_string(fields.get("subreddit")),
        )


def _require(fields: dict[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        value = fields.get(name)
        if not isinstance(value, str) or (not value and name not in _MAY_BE_EMPTY):
            raise Unusable(*_unusable_field(fields, name))


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _unusable_field(fields: dict[str, Any], field: str) -> tuple[Reason, str]:
    if field not in fields:
        return Reason.MISSING_FIELD, f"{field} is missing"
    if fields[field] is None:
        return Reason.NULL_FIELD, f"{field} is null"
    if fields[field] == "":
        return Reason.EMPTY, f"{field} is empty"
    return Reason.WRONG_TYPE, f"{field} is of type {json_type(fields[field])}, not string"


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
