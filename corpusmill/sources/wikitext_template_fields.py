"""The fields of a template, and patterns that are filled with them.

A field has a name if it says so (text=...); the others are counted. A bar inside of a link is no border.
"""

import re
from functools import cache
from typing import NamedTuple

from corpusmill.sources.wikitext_traces import MARK

_BORDER = re.compile(r"\[\[|\]\]|\|")
_NAME = re.compile(r"\s*([\w .-]{1,60}?)\s*=")
_TOKEN = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]|\{([^{}]*)\}")


class Fields(NamedTuple):
    """Of a template: fields without a name, in their order, and those with one, by it in lower case."""

    counted: list[str]
    named: dict[str, str]

    def get(self, name: str) -> str:
        """The field of that name or number ("2"; "-1" is the last); "" where there is none."""
        if name == "-1":
            return self.counted[-1] if len(self.counted) > 1 else ""
        if name.isdecimal() and name not in self.named:
            return self.counted[int(name) - 1] if int(name) <= len(self.counted) else ""
        return self.named.get(name, "")


def fields_of(inner: str) -> Fields:
    """The fields of what stands between the braces of a template, without its name."""
    counted: list[str] = []
    named: dict[str, str] = {}
    for field in _split(inner)[1:]:
        if name := _NAME.match(field):
            named[name[1].lower()] = field[name.end() :].strip()
        else:
            counted.append(field.strip())
    return Fields(counted, named)


def _split(inner: str) -> list[str]:
    parts = []
    at = depth = 0
    for token in _BORDER.finditer(inner):
        if token[0] == "|":
            if not depth:
                parts.append(inner[at : token.start()])
                at = token.end()
        else:
            depth = max(0, depth + (1 if token[0] == "[[" else -1))
    if depth:  # a link that is not closed keeps no bar from being a border
        return inner.split("|")
    return [*parts, inner[at:]]


def filled(pattern: str, fields: Fields) -> str:
    """A pattern of `wikitext_template_names` with fields in it; "" if none is filled."""
    tokens = _tokens(pattern)
    values = [_value(token, fields) for token in tokens]
    shown = [value for (kind, _), value in zip(tokens, values, strict=True) if kind != "text"]
    if not "".join(shown).strip(f" {MARK}"):
        return ""
    return "".join(values).strip(" ")


@cache
def _tokens(pattern: str) -> list[tuple[str, str]]:
    """(kind, text): "text", "field", or "group", which is a pattern itself."""
    tokens = []
    at = 0
    for token in _TOKEN.finditer(pattern):
        tokens.append(("text", pattern[at : token.start()]))
        tokens.append(("group", token[1]) if token[2] is None else ("field", token[2]))
        at = token.end()
    return [each for each in [*tokens, ("text", pattern[at:])] if each[1]]


def _value(token: tuple[str, str], fields: Fields) -> str:
    kind, text = token
    if kind == "text":
        return text
    if kind == "group":
        values = [(kind, _value((kind, inner), fields)) for kind, inner in _tokens(text)]
        return "".join(value for _, value in values) if any(v for k, v in values if k != "text") else ""
    names, _, joiner = text.partition(":")
    if names == "*":
        return joiner.join(filter(None, fields.counted))
    each = (next(filter(None, map(fields.get, name.split("/"))), "") for name in names.split(","))
    return joiner.join(filter(None, each))
