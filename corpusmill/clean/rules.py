"""The cleaning rules by name, and their application with an account of what each one took.

The account is exact: what the rules took adds up to what the text lost, in bytes of UTF-8. All rules
run in time linear in the text (but for what ftfy itself does), and a recipe's sources name them by string.
"""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import regex

from corpusmill.clean import c4, opt, pii, repeats
from corpusmill.clean.gutenberg import strip_footer, strip_header
from corpusmill.clean.repair import fix_text, fix_text_keeping_entities, fold_newlines
from corpusmill.errors import CorpusmillError

_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&#x27;": "'"}
_ENTITY = re.compile("|".join(_ENTITIES))
_NEWLINES = re.compile(r"\n{3,}")
# Besides what is to be ignored: braille's empty pattern, and the three characters around annotations.
_UNSEEN = r"\s\p{Default_Ignorable_Code_Point}\u2800\uFFF9-\uFFFB"
_MAY_BE_INVISIBLE = regex.compile(rf"(?:[{_UNSEEN}]|&(?:amp;)*#?\w{{1,40}};)*+")
_VISIBLE = regex.compile(rf"[^{_UNSEEN}]")
_MOST_ESCAPES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One cleaning rule: a pure function on text, under the name that the ledger counts it by."""

    name: str
    apply: Callable[[str], str]


def html_unescape(text: str) -> str:
    """Undo HTML escaping once: exactly the entities that escaping text produces, nothing that it holds.

    Reddit escapes "&", "<" and ">" of every body, so what else looks like an entity was typed by a person
    (or is part of a URL: "?a=1&copy=2"), and `html.unescape` would change it.
    """
    return _ENTITY.sub(lambda match: _ENTITIES[match.group()], text) if "&" in text else text


def whitespace(text: str) -> str:
    """OPT's general rule: no blanks at line ends, at most one empty line in a row, document stripped."""
    stripped = "\n".join([line.rstrip(" \t") for line in text.split("\n")])
    return _NEWLINES.sub("\n\n", stripped).strip()


def one_line(text: str) -> str:
    """Every run of white space, line breaks of all kinds included, becomes one space; ends stripped."""
    return " ".join(text.split())


def invisible(text: str) -> str:
    """A text of which nothing can be seen becomes empty; every other text stays as it is.

    Such are white space, characters that Unicode has programs ignore (zero-width ones, joiners, marks of
    direction, soft hyphens), blanks that count as symbols, and the entities of all these, once or twice
    escaped: Reddit's editor writes `&amp;#x200B;` for an empty paragraph.
    """
    if not _MAY_BE_INVISIBLE.fullmatch(text):
        return text
    shown = text
    for _ in range(_MOST_ESCAPES if "&" in text else 0):
        shown = html.unescape(shown)
    return text if _VISIBLE.search(shown) else ""


RULES: dict[str, Callable[[str], str]] = {
    "newlines": fold_newlines,
    "html_unescape": html_unescape,
    "ftfy": fix_text,
    "ftfy_no_unescape": fix_text_keeping_entities,
    "whitespace": whitespace,
    "one_line": one_line,
    "invisible": invisible,
    "gutenberg_header": strip_header,
    "gutenberg_footer": strip_footer,
    "dedup_lines": repeats.dedup_lines,
    "dedup_paragraphs": repeats.dedup_paragraphs,
    "c4_lines": c4.c4_lines,
    "mask_emails": pii.mask_emails,
    "mask_ip_addresses": pii.mask_ip_addresses,
    "mask_phone_numbers": pii.mask_phone_numbers,
    **opt.RULES,
}


def chain(names: Sequence[str]) -> tuple[Rule, ...]:
    """The rules of the given names, in the given order."""
    unknown = [name for name in names if name not in RULES]
    if unknown:
        raise CorpusmillError(f"cleaning rules: {unknown} do not exist; the rules are {sorted(RULES)}")
    positional = [name for name in names if name in opt.POSITIONAL]
    if len(positional) > 1:
        raise CorpusmillError(
            f"cleaning rules: {positional}: these go by the places of lines, so one of them only, and once"
        )
    return tuple(Rule(name=name, apply=RULES[name]) for name in names)


def faithful(names: Sequence[str]) -> list[str]:
    """The same rules, with OPT's mistakes where ours mend them."""
    return [opt.FAITHFUL.get(name, name) for name in names]


class Change(NamedTuple):
    """What a rule did to a text. `taken` is in bytes of UTF-8, negative where the rule lengthens; a rule may
    change a text and take 0."""

    rule: str
    taken: int
    before: str
    after: str


def apply(rules: Sequence[Rule], text: str) -> tuple[str, list[Change]]:
    """(cleaned text, the changes, in order, of the rules that changed it)."""
    changes = []
    for rule in rules:
        cleaned = rule.apply(text)
        if cleaned is not text and cleaned != text:
            changes.append(Change(rule.name, _bytes(text) - _bytes(cleaned), text, cleaned))
            text = cleaned
    return text, changes


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())
