"""Runs of apostrophes: which are italics and bold, and which apostrophes are text.

MediaWiki's rule, line by line. Two make italics, three bold, five both; of four the first is text, of more
than five all but the last five are. Where both italics and bold are left open at the end of a line, one of
its runs of three was meant as an apostrophe and italics (''X'''s, l'''X''): the first behind a word of one
letter; else the first behind a longer word; else the first behind a space.
The surprising thing: two such on a line come out even, and MediaWiki takes what is between them for bold. But
then one ends inside of the other (''X'''s and ''Y'''s), which nobody means, and the run gets its apostrophe
all the same. Nor is it ever one of a pair that was closed before ('''X''' and ''Y'''s).
"""

import re

_RUN = re.compile("('{2,})")
_ITALICS, _BOLD, _BOTH = 2, 3, 5  # apostrophes in a run
_ENDS_A_WORD = frozenset(")]!?.%\u2026\u2019\u201d")


def without_quotes(text: str) -> str:
    """The text with italics and bold gone, and the apostrophes that are text."""
    if "''" not in text:
        return text
    return "\n".join([_without_quotes(line) if "''" in line else line for line in text.split("\n")])


def _without_quotes(line: str) -> str:
    texts = _RUN.split(line)  # text, run, text, run, ..., text
    runs = [len(run) for run in texts[1::2]]
    texts = texts[::2]
    if runs.count(_ITALICS) + runs.count(_BOLD) < len(runs):
        for i, length in enumerate(runs):
            surplus = 1 if length == _BOLD + 1 else max(0, length - _BOTH)
            texts[i] += "'" * surplus
            runs[i] -= surplus
    if _BOLD in runs and (_ITALICS in runs or _BOTH in runs):
        since = _mend_crossed(texts, runs)
        _mend_open(texts, runs, since)
    return "".join(texts)


def _mend_open(texts: list[str], runs: list[int], since: int) -> None:
    """MediaWiki's own rule: with both left open at the end of a line, the likeliest run of three is an
    apostrophe and italics. Only those `since` both were closed can be."""
    both = runs.count(_BOTH)
    bold = [i for i in range(since, len(runs)) if runs[i] == _BOLD]
    if bold and (runs.count(_BOLD) + both) % 2 and (runs.count(_ITALICS) + both) % 2:
        texts[min(bold, key=lambda i: _rank(texts[i]))] += "'"


def _rank(before: str) -> int:
    """How likely a run of three behind this text is no bold, 0 the likeliest; `min` takes the first of
    equals. MediaWiki counts bytes there, so that a word of one letter is one of ASCII."""
    if before.endswith(" "):
        return 2
    return 0 if before[-2:-1] == " " and before[-1].isascii() else 1


def _mend_crossed(texts: list[str], runs: list[int]) -> int:
    """Bold that ends inside of italics, or the other way round, was none if it began behind a word. Returns
    the run since which not both are closed."""
    since = 0
    italics = False
    bold: int | None = None  # the run that began it
    outer = 0  # of two that are open, which began first
    for i, length in enumerate(runs):
        crossed = length == outer and italics and bold is not None
        if crossed and bold is not None and runs[bold] == _BOLD and _behind_a_word(texts[bold]):
            texts[bold] += "'"
            runs[bold] = _ITALICS
            italics, bold = length == _ITALICS, i if length == _BOLD else None
        else:
            italics ^= length != _BOLD
            if length != _ITALICS:
                bold = i if bold is None else None
        if not italics and bold is None:
            since = i + 1
        if length == _BOTH:
            outer = 0
        if italics != (bold is not None):
            outer = _ITALICS if italics else _BOLD
    return since


def _behind_a_word(text: str) -> bool:
    return text[-1:].isalnum() or text[-1:] in _ENDS_A_WORD
