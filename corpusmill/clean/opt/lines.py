"""OPT's rules that delete or change single lines: Wikipedia, BookCorpus, OpenSubtitles, DM Mathematics,
StackExchange.
"""

import re

_CATEGORY = re.compile(r"^Category:.*(?:\n|\Z)", re.MULTILINE)
_NOTICE = re.compile(
    r"^[ \t]*(?:(?:Published by|Copyright|Edited by)\b.{0,150}"
    r"|(?:Smashwords Edition|All rights reserved|ISBN)\b.*)(?:\n|\Z)",
    re.MULTILINE | re.IGNORECASE,
)
_NOTICE_FAITHFUL = re.compile(
    r"^(?:Published by|Copyright|Edited by|Smashwords Edition|All rights reserved|ISBN).*(?:\n|\Z)",
    re.MULTILINE,
)
_HEADING = re.compile(
    r"^[ \t]*(?:Part|Chapter) (?:[0-9]{1,4}|[IVXLCDM]{1,8})\.?(?:[ \t]*:.*)?[ \t]*(?:\n|\Z)",
    re.MULTILINE | re.IGNORECASE,
)
_HEADING_FAITHFUL = re.compile(r"^(?:Part|Chapter) (?:[0-9]+|[IVXLCDM]+)(?::.*)?(?:\n|\Z)", re.MULTILINE)
_RULER = re.compile(r"^[ \t]*[#*-][#* \t-]*(?:\n|\Z)", re.MULTILINE)
_DIRECTION = re.compile(r"\[[^\]]*\]")
_QUESTION = re.compile(r"^Q:\n\n", re.MULTILINE)
_ANSWER = re.compile(r"^A:\n\n", re.MULTILINE)


def opt_wikipedia(text: str) -> str:
    """Delete the lines that name a category: they are the site's index, not the article."""
    return _CATEGORY.sub("", text) if "Category:" in text else text


def opt_bookcorpus(text: str) -> str:
    """Delete a self-published book's notices (Published by, Copyright, Edited by, Smashwords Edition, All
    rights reserved, ISBN), its numbered headings of parts and chapters, and lines of #, - and * only.

    A line is a paragraph there, so one that begins with Published by, Copyright or Edited by and is longer
    than a notice (150 characters behind that) is the book's.
    """
    for pattern in (_NOTICE, _HEADING, _RULER):
        text = pattern.sub("", text)
    return text


def opt_bookcorpus_faithful(text: str) -> str:
    """The same as OPT did: in exactly that spelling, and however long the line is."""
    for pattern in (_NOTICE_FAITHFUL, _HEADING_FAITHFUL, _RULER):
        text = pattern.sub("", text)
    return text


def opt_opensubtitles(text: str) -> str:
    """A turn a line, without its quotation marks, stage directions in brackets and repeated turns; no line is
    empty. Turns that stand beside each other are told apart by the quotation marks between them."""
    kept: list[str] = []
    for line in text.replace('" "', "\n").split("\n"):
        line = _unquoted(line.strip(" \t"))
        if line and not _DIRECTION.fullmatch(line) and kept[-1:] != [line]:
            kept.append(line)
    return "\n".join(kept)


def _unquoted(line: str) -> str:
    """Without the marks that enclose a line, or the one that opens or closes a turn that runs over lines;
    those of a quotation within the line stay."""
    if line.count('"') % 2:
        line = (line[1:] if line.startswith('"') else line.removesuffix('"')).strip(" \t")
    if line.count('"') == 2 and line.startswith('"') and line.endswith('"'):
        line = line[1:-1].strip(" \t")
    return line


def opt_mathematics(text: str) -> str:
    """Delete the first two lines and the last: a file of questions begins and ends amid one."""
    return "\n".join(text.split("\n")[2:-1])


def opt_stackexchange(text: str) -> str:
    """Write out `Q:` and `A:`. OPT took no StackExchange in the end; the rule was there."""
    return _ANSWER.sub("Answer:\n", _QUESTION.sub("Question:\n", text))
