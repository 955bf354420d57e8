"""What OPT took out of its corpora, beside white space: the rules published as the preprocessing of its data.

They are the "removing repetitive/non-informative text" of its paper (arXiv 2205.01068, 2.3), as far as its
authors have shown it; `sources` says which corpus is cleaned by which. All are pure, linear in the text, and
but for `POSITIONAL` the same if applied again.
"""

import re
from collections.abc import Callable

_CATEGORY = re.compile(r"^Category:.*(?:\n|\Z)", re.MULTILINE)
_NOTICE = re.compile(
    r"^[ \t]*(?:Published by|Copyright|Edited by|Smashwords Edition|All rights reserved|ISBN)\b.*(?:\n|\Z)",
    re.MULTILINE | re.IGNORECASE,
)
_HEADING = re.compile(
    r"^[ \t]*(?:Part|Chapter) (?:[0-9]{1,4}|[IVXLCDM]{1,8})\.?(?:[ \t]*:.*)?[ \t]*(?:\n|\Z)",
    re.MULTILINE | re.IGNORECASE,
)
_RULER = re.compile(r"^[ \t]*[#*-][#* \t-]*(?:\n|\Z)", re.MULTILINE)
_DIRECTION = re.compile(r"\[[^\]]*\]")
_QUESTION = re.compile(r"^Q:\n\n", re.MULTILINE)
_ANSWER = re.compile(r"^A:\n\n", re.MULTILINE)


def opt_wikipedia(text: str) -> str:
    """Delete the lines that name a category."""
    return _CATEGORY.sub("", text) if "Category:" in text else text


def opt_bookcorpus(text: str) -> str:
    """Delete a self-published book's notices (Published by, Copyright, Edited by, Smashwords Edition, All
    rights reserved, ISBN), its numbered headings of parts and chapters, and lines of #, - and * only."""
    for pattern in (_NOTICE, _HEADING, _RULER):
        text = pattern.sub("", text)
    return text


def opt_opensubtitles(text: str) -> str:
    """A turn a line, without its quotation marks, stage directions in brackets and repeated turns; no line is
    empty."""
    kept: list[str] = []
    for line in text.replace('" "', "\n").split("\n"):
        line = line.strip(' \t"')
        if line and not _DIRECTION.fullmatch(line) and kept[-1:] != [line]:
            kept.append(line)
    return "\n".join(kept)


def opt_mathematics(text: str) -> str:
    """Delete the first two lines and the last: a file of questions begins and ends amid one."""
    return "\n".join(text.split("\n")[2:-1])


def opt_stackexchange(text: str) -> str:
    """Write out `Q:` and `A:`. (OPT took no StackExchange in the end; the rule was there.)"""
    return _ANSWER.sub("Answer:\n", _QUESTION.sub("Question:\n", text))


RULES: dict[str, Callable[[str], str]] = {
    "opt_wikipedia": opt_wikipedia,
    "opt_bookcorpus": opt_bookcorpus,
    "opt_opensubtitles": opt_opensubtitles,
    "opt_mathematics": opt_mathematics,
    "opt_stackexchange": opt_stackexchange,
}
POSITIONAL = frozenset({"opt_mathematics"})
"""Rules that take lines by their places, so that each application takes more."""
