"""{{Templates}}: what is shown of those that hold running text, and nothing of all others.

One pass over the braces finds templates from the inside out; each that has a place in
`wikitext_template_names` is replaced by what a reader sees of it, and its caller has that in its field.
The surprising thing: beyond 40 templates in each other, where MediaWiki stops too, nothing is shown, which
bounds how often a character is copied and so keeps the time linear in the text.
"""

import re

from corpusmill.sources.wikitext_template_fields import fields_of, filled
from corpusmill.sources.wikitext_template_functions import COMPUTED, FUNCTIONS, ship
from corpusmill.sources.wikitext_template_names import PATTERNS, SHIPS
from corpusmill.sources.wikitext_traces import APOSTROPHE, MARK

_BRACES = re.compile(r"\{{2,}|\}{2,}")
_DEEPEST = 40  # templates inside each other
_LONGEST_NAME = 100  # characters
# What a template shows is no border of its caller's fields.
_PIPE, _EQUALS = "\2", "\3"
_IN_A_FIELD = str.maketrans({"|": _PIPE, "=": _EQUALS})
_Span = tuple[int, int, str]  # from, to, and what stands there instead


def with_templates(text: str) -> str:
    """The text with what is shown of its templates, and without {{{parameters}}} and braces in pairs that are
    neither.

    Runs of braces are matched as MediaWiki does, three at a time if both have as many, else two.
    """
    open_runs: list[tuple[int, int]] = []  # (place, braces left) of runs not closed yet
    spans: list[_Span] = []
    for run in _BRACES.finditer(text):
        if run[0][0] == "{":
            open_runs.append((run.start(), len(run[0])))
            continue
        at, closing = run.start(), len(run[0])
        matched = alone = 0
        while closing >= 2 and open_runs:
            place, opening = open_runs.pop()
            matched = min(opening, closing, 3)
            closing, at, opening = closing - matched, at + matched, opening - matched
            alone += opening == 1
            start = place + opening
            inside = _pop_from(spans, start)
            template = matched == 2 and len(open_runs) < _DEEPEST
            shown = _shown(text, start + 2, at - 2, inside) if template else MARK
            spans.append((start, at, shown))
            if opening >= 2:
                open_runs.append((place, opening))
        if closing >= 2 or not matched or alone:  # else a single one is text, as in {x{{y}}}
            spans.append((at, at + closing, ""))
    spans += [(place, place + opening, "") for place, opening in open_runs]
    text = _replaced(text, 0, len(text), sorted(spans))
    return text.replace(_PIPE, "|").replace(_EQUALS, "=")


def _pop_from(spans: list[_Span], start: int) -> list[_Span]:
    """Take away the spans that lie behind `start`; they are the last."""
    inside = []
    while spans and spans[-1][0] >= start:
        inside.append(spans.pop())
    return inside[::-1]


def _replaced(text: str, start: int, end: int, spans: list[_Span]) -> str:
    parts = []
    for begin, stop, shown in spans:
        parts += [text[start:begin], shown]
        start = stop
    return "".join([*parts, text[start:end]])


def _shown(text: str, start: int, end: int, inside: list[_Span]) -> str:
    """What a reader sees of the template between `start` and `end`; the mark of a removal if nothing."""
    name = text[start : min(end, start + _LONGEST_NAME)].partition("|")[0]
    pattern = PATTERNS.get(_normalized(name))
    function, colon, _ = name.partition(":")
    if pattern is None and not (colon and _normalized(function) in FUNCTIONS):
        return MARK
    inner = _replaced(text, start, end, inside)
    if pattern is None:
        function, _, argument = inner.partition(":")
        argument, *flags = argument.split("|")
        shown = FUNCTIONS[_normalized(function)](argument.strip(), [flag.strip() for flag in flags])
    else:
        shown = _of_pattern(pattern, _normalized(name), inner)
    if not shown or shown.isspace() != (pattern is not None and pattern.isspace()):
        return MARK
    return shown.translate(_IN_A_FIELD) if "|" in shown or "=" in shown else shown


def _of_pattern(pattern: str, name: str, inner: str) -> str:
    if len(pattern) == 1 or ("{" not in pattern and pattern[0] != "="):
        return pattern.replace("'", APOSTROPHE)  # characters
    fields = fields_of(inner)
    if pattern == "=ship":
        return ship(SHIPS[name], fields.counted)
    return COMPUTED[pattern[1:]](fields) if pattern[0] == "=" else filled(pattern, fields)


def _normalized(name: str) -> str:
    name = " ".join(name.replace("_", " ").split()).lower()
    for prefix in ("subst:", "safesubst:", "template:"):
        name = name.removeprefix(prefix).lstrip()
    return name
