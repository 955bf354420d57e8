"""What is wrong with a recipe, in the recipe's words: where it stands, what stands there, and what may.

pydantic's own messages speak of its inputs and types; these speak of fields, texts, lists and numbers, and
name the field that was probably meant.
"""

import difflib
import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

_SHOWN = 60  # characters of a value
_TYPES = {
    "string_type": "a text",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping of fields",
    "model_attributes_type": "a mapping of fields",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "finite_number": "a finite number",
    "date_type": "a date, as 2021-09-28",
    "date_parsing": "a date, as 2021-09-28",
    "date_from_datetime_parsing": "a date, as 2021-09-28",
    "date_from_datetime_inexact": "a date, as 2021-09-28",
}
_LIMITS = {
    "greater_than": ("gt", "more than {}"),
    "greater_than_equal": ("ge", "{} or more"),
    "less_than": ("lt", "less than {}"),
    "less_than_equal": ("le", "{} or less"),
    "decimal_max_places": ("decimal_places", "a number with at most {} decimal places"),
    "too_short": ("min_length", "a list of {} or more"),
    "string_too_short": ("min_length", "a text of {} or more characters"),
}


def lines(model: type[BaseModel], content: Any, errors: Sequence[ErrorDetails]) -> list[str]:
    """One line for each of pydantic's `errors` about `content`, which should have been a `model`."""
    told = [(_place(content, error["loc"]), _said(model, error)) for error in errors]
    return [f"{place}: {said}" if place else said for place, said in told]


def _said(model: type[BaseModel], error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    match kind:
        case "extra_forbidden":
            return _unknown(str(error["loc"][-1]), _fields_at(model, error["loc"][:-1]))
        case "invalid_key":
            return "the name of a field must be a text; write it in quotes"
        case "missing":
            return "must be given"
        case "union_tag_not_found":
            return f"must say its family, one of {', '.join(_tagged(_item_at(model, error['loc'])))}"
        case "union_tag_invalid":
            tag, choices = context["tag"], context["expected_tags"]
            return f"family {tag!r} is none of {choices}{_meant(tag, choices)}"
        case "literal_error" | "enum":
            choices = context["expected"]
            return f"must be {choices}, not {_value(error)}{_meant(error['input'], choices)}"
        case "value_error" | "assertion_error":
            return str(context.get("error", error["msg"]))
    if kind in _TYPES:
        return f"must be {_TYPES[kind]}, not {_value(error)}"
    if kind in _LIMITS:
        name, form = _LIMITS[kind]
        return f"must be {form.format(context[name])}, not {_value(error)}"
    return f"{error['msg'].replace('Input', 'it').replace('input', 'value')} (it is {_value(error)})"


def _value(error: ErrorDetails) -> str:
    value = error["input"]
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "an empty list" if not value else "a list"
    text = str(value)
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    return f"'{shown}'" if isinstance(value, str) else shown


def _unknown(name: str, fields: Sequence[str]) -> str:
    if not fields:
        return "is no field of a recipe"
    close = difflib.get_close_matches(name, fields, 1, 0.6)
    meant = f"; {close[0]} is probably meant" if close else ""
    return f"no such field{meant} (there are: {', '.join(fields)})"


def _meant(given: object, expected: str) -> str:
    choices = [each.strip().strip("'") for each in expected.replace(" or ", ", ").split(",")]
    close = difflib.get_close_matches(str(given), choices, 1, 0.6)
    return f"; {close[0]} is probably meant" if close else ""


def _place(content: Any, location: Sequence[int | str]) -> str:
    """Where in the recipe: parts of the path as they are written, entries of lists with their names."""
    parts: list[str] = []
    here = content
    for part in location:
        if isinstance(part, int):
            here = here[part] if isinstance(here, list) and part < len(here) else None
            name = here.get("name") if isinstance(here, Mapping) else None
            parts.append(f"{part} ({name})" if isinstance(name, str) else str(part))
        elif isinstance(here, Mapping) and part not in here and here.get("family") == part:
            continue  # pydantic's own name of the entry's kind
        else:
            here = here.get(part) if isinstance(here, Mapping) else None
            parts += [] if part == "[key]" else [str(part)]
    return ".".join(parts)


def _fields_at(model: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    """The fields that the part of a recipe at this place may have."""
    kind = _item_at(model, location)
    return list(kind.model_fields) if isinstance(kind, type) and issubclass(kind, BaseModel) else []


def _item_at(model: type[BaseModel], location: Sequence[int | str]) -> Any:
    kind: Any = model
    for part in location:
        kind = _bare(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            kind = kind.model_fields[str(part)].annotation if str(part) in kind.model_fields else None
        elif get_origin(kind) is list:
            kind = get_args(kind)[0]
        elif get_origin(kind) is dict:
            kind = get_args(kind)[1]
        else:
            kind = _tagged(kind).get(str(part))
    return _bare(kind)


def _bare(kind: Any) -> Any:
    """A type without annotations, and without the None that it may be instead."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif get_origin(kind) in (Union, types.UnionType):
            some = [each for each in get_args(kind) if each is not type(None)]
            if len(some) != 1:
                return kind
            kind = some[0]
        else:
            return kind


def _tagged(kind: Any) -> dict[str, type[BaseModel]]:
    """{family: its class} of a choice between families."""
    found: dict[str, type[BaseModel]] = {}
    for each in get_args(kind):
        if not (isinstance(each, type) and issubclass(each, BaseModel)):
            continue
        family: Any = each.model_fields["family"].annotation if "family" in each.model_fields else None
        if get_origin(family) is Literal:
            found |= dict.fromkeys(get_args(family), each)
    return found
