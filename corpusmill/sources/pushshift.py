"""PushShift Reddit comments: RC_*.zst, .bz2 and .xz, one JSON object a line, from 2005 on.

The schema changes from month to month, so a comment needs only `id`, `link_id`, `parent_id` and `body`;
of the other fields a value of an unexpected type is read as None. "[deleted]" bodies are comments like any.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from corpusmill.recipe import Pushshift
from corpusmill.sources.jsonlines import JsonLine, json_type, read_values
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import Comment, Reason, Reject, Removal, unusable

_REQUIRED = ("id", "link_id", "parent_id", "body")


class PushshiftSource:
    """Comments of one recipe entry. `rules` clean one message."""

    rules: ClassVar[tuple[str, ...]] = ("html_unescape", "ftfy_no_unescape", "one_line")

    def __init__(self, entry: Pushshift) -> None:
        self.name = entry.name

    def read(self, path: str, raw: RawFile) -> Iterator[Comment | Reject | Removal]:
        """Every line of a dump, in order; never raises for bad data."""
        for item in read_values(path, raw, self.name):
            yield self._comment(item) if isinstance(item, JsonLine) else item

    def _comment(self, line: JsonLine) -> Comment | Reject:
        fields = line.value
        if not isinstance(fields, dict):
            error = f"JSON {json_type(fields)}, not an object"
            return unusable(line.record, self.name, Reason.NOT_AN_OBJECT, error, line.raw)
        for field in _REQUIRED:
            value = fields.get(field)
            if not isinstance(value, str) or (not value and field != "body"):
                reason, error = _unusable_field(fields, field)
                return unusable(line.record, self.name, reason, error, line.raw)
        author, subreddit = fields.get("author"), fields.get("subreddit")
        return Comment(
            record=line.record,
            id=fields["id"],
            link_id=fields["link_id"],
            parent_id=fields["parent_id"],
            body=fields["body"],
            author=author if isinstance(author, str) else None,
            score=_integer(fields.get("score")),
            created_utc=_integer(fields.get("created_utc")),
            subreddit=subreddit if isinstance(subreddit, str) else None,
        )


def _unusable_field(fields: dict[str, Any], field: str) -> tuple[Reason, str]:
    if field not in fields:
        hint = " (a submission? it has a title)" if "title" in fields else ""
        return Reason.MISSING_FIELD, f"{field} is missing{hint}"
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
