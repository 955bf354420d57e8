"""Lines and paragraphs that a document repeats: each stays where it stands first.

Menus, signatures and quoted replies go; so does a poem's refrain, which is the price. What has no letter or
digit (a closing brace, a ruler) is layout and stays.
"""


def dedup_lines(text: str) -> str:
    """Delete lines that equal an earlier one, white space at their ends aside."""
    return _first("\n", text)


def dedup_paragraphs(text: str) -> str:
    """Delete paragraphs (between empty lines) that equal an earlier one, white space at their ends aside."""
    return _first("\n\n", text)


def _first(border: str, text: str) -> str:
    seen = set[str]()
    kept = []
    for part in text.split(border):
        key = part.strip()
        if key in seen:
            continue
        if any(map(str.isalnum, key)):
            seen.add(key)
        kept.append(part)
    return border.join(kept)
