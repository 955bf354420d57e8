"""C4's rule for lines (Raffel et al. 2020, 2.2, and the code published with it): what is no prose goes.

The rules for whole pages (sentences, curly brackets, lorem ipsum) are judged later, from measures, so lines
that decide there stay.
"""

import re

_CITATION = re.compile(r"\[\d*\]|\[edit\]|\[citation needed\]")
_TERMINALS = (".", "?", "!", '"', "'")
_POLICIES = re.compile("terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies")
_LONGEST_WORD = 1_000  # characters
_FEWEST_WORDS = 3
LOREM_IPSUM = "lorem ipsum"
BRACKET = "{"


def c4_lines(text: str) -> str:
    """Keep the lines that end a sentence (. ? ! " ' but not ...), have at least three words and none of more
    than 1,000 characters, and mention neither JavaScript nor a policy; citations ([1], [edit],
    [citation needed]) are cut out of them."""
    kept = [line for line in map(_line, text.splitlines()) if line is not None]
    return "\n".join(kept).strip()


def _line(line: str) -> str | None:
    line = line.strip()
    words = line.split()
    if len(words) < _FEWEST_WORDS or any(len(word) > _LONGEST_WORD for word in words):
        return None
    line = _CITATION.sub("", line) if "[" in line else line
    if not line.endswith(_TERMINALS) or line.endswith("..."):
        return None
    lower = line.lower()
    decides = LOREM_IPSUM in lower
    if not decides and "javascript" in lower:
        return None
    if not decides and BRACKET not in line and _POLICIES.search(lower):
        return None
    return line
