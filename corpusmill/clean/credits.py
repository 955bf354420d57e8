"""The credits of an electronic text, which stand between Project Gutenberg's header and the book.

Fifty years of volunteers wrote them in their own ways, on a line or wrapped over some, in brackets or not.
What is told here are the forms of such sentences: what was done, and by whom. A form stands at the start of
a line, and ends in a name where it could be a book's own sentence ("Produced by the rain, ...").
The surprising thing: a paragraph of credits goes as a whole, because what stands around a recognised line is
of the same kind, but for a line in capitals: that is the book's title.
"""

import re

_MAX_CREDIT = 1_000  # characters; a longer paragraph is the book's
_CLOSING = {"[": "]", "(": ")"}

# A space stands for white space, also a line end, in all of these.
_BY = (
    r" by:? (?:(?-i:[^\w\s]*[A-Z0-9]|[Tt]he [A-Z])"
    r"|(?:(?:an?|the|several|many) )?(?:anonymous|unknown|volunteer|PG\b|team)"
    r"|[\w.+-]+@|[\w.-]+ [<(\[]\S+@)"
)
_AND = r"(?:,| and| &|/)"
_COPIED = r"(?:transcribed|scanned|typed|keyed|proofed|proof-?read|reproofed|digiti[sz]ed|OCR'?e?d)"
_DONE = rf"(?:{_COPIED}|produced|prepared|converted(?: (?:in)?to \w+)?|formatted|spell-?checked|marked up)"
_DOING = (
    r"(?:editing|proof-?reading|proofing|corrections?|formatting|transcriptions?|scanning|scans?|typing|OCR"
    r"|mark-?up|conversion|production|encoding|spell-?checking|revisions?)"
)
_TEXT = (
    r"(?:(?:Project Gutenberg )?(?:e-?texts?|e-?books?)|electronic (?:text|edition|version|book)"
    r"|transcription|(?:HTML|ASCII|plain[- ]text|text|Unicode|UTF-?8|e-?pub|PDF)"
    r" (?:version|edition|file|conversion|mark-?up|formatting))"
)
_WAS = r"(?:,| was| were| is| has been| have been)?(?: first| originally| \w+ly)?"
_FORMS = (
    rf"{_DONE}(?:{_AND}*(?: \w+ly)? {_DONE}){{0,3}}(?: (?:for|from) [^\n]{{1,80}}(?:\n[^\n]{{1,80}})?)?{_BY}",
    r"transcribed from (?:the|an?|images)\b",
    rf"(?:additional|further|final|last|initial|original|some|minor|more|later) {_DOING}[^\n]{{0,60}}{_BY}",
    rf"{_DOING}(?:{_AND}* {_DOING}){{0,3}}(?: (?:in)?to \w+)?{_WAS}(?: done)?{_BY}",
    rf"(?:(?:this|the|original) )?{_TEXT}{_WAS}(?: \w+)?{_BY}",
    rf"(?:(?:this|the|an?|original) )?(?:{_TEXT}|file){_WAS}"
    rf" (?:{_DONE}|created|made|provided|updated|corrected|derived|contributed)\b",
    rf"this (?:book|text|edition|version){_WAS} {_COPIED}(?:{_BY}| from [^\n]{{0,60}}images)",
    r"(?:page |scanned )?(?:images|scans) (?:of [^\n]{0,60} )?(?:(?:were|are|was) )?(?:generously |kindly )?"
    r"(?:made available|provided|courtesy|available)\b",
    r"transcriber['\u2019]?s['\u2019]? (?:end)?notes?\b",
    r"(?:credits?|transcribers?|scanners?|proof-?readers?|producers?|typists?): ",
    r"(?:special |many |with )*thanks (?:go )?to [^\n]{0,120}(?:scan|proof|transcri|e-?text|e-?book|digiti)",
    r"portions of this header\b",
    r"this file (?:should be named|was first posted)\b",
    r"updated editions\b",
    r"(?:\w+ ){0,3}last updated\b|most recently updated\b|character set encoding\b",
    r"notes?: (?:project gutenberg\b|images of the original)",
)
_ANYWHERE = (
    r"\b(?:scanned|proof-?read|proofed|reproofed) by\b",
    r"\bDistributed Proofread",
    r"https?://www\.pgdp\.net",
)
# A line begins with a capital, or the rest of a sentence that was broken before "produced by" would be one.
_CREDIT = re.compile(
    rf"^[^A-Za-z0-9\n]*(?:(?=[A-Z]|e-?text|e-?book)(?i:{'|'.join(_FORMS)})|(?i:[^\n]{{0,80}}(?:{'|'.join(_ANYWHERE)})))".replace(
        " ", r"\s+"
    ),
    re.MULTILINE,
)
_TITLE = re.compile(r"^(?=[^\n]*[A-Z]{3})[^\na-z@]+$", re.MULTILINE)


def credits_end(text: str, start: int, stop: int) -> int | None:
    """Where the credits end that the paragraph `text[start:stop]` begins with; None if it is the book's.
    A note in brackets that goes on over empty lines is one."""
    paragraph = text[start:stop]
    credit = _CREDIT.search(paragraph) if len(paragraph) <= _MAX_CREDIT else None
    if credit is None:
        return None
    for title in _TITLE.finditer(paragraph):
        if title.end() <= credit.start():
            return None
        if title.start() > credit.start():
            return start + title.start()
    closing = _CLOSING.get(text[start])
    if closing is None or closing in paragraph:
        return stop
    border = re.compile(f"[{re.escape(text[start] + closing)}]").search(text, stop, stop + _MAX_CREDIT)
    return border.end() if border and border[0] == closing else stop
