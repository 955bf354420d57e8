"""How numbers and reasons read on the page and in the plots: one place, so that they agree."""

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"

STAGE_RESULTS = {
    "ingest": "Cleaned documents",
    "filter": "After the filter",
    "dedup": "After deduplication",
    "tokenize": "Tokenized text",
}
"""What a stage hands on, by the name of the stage."""

KINDS = {
    "kept": "kept",
    "trimmed": "trimmed when tokenized",
    "exact": "exact duplicates",
    "words": "duplicates by words",
    "near": "near duplicates",
    "against": "duplicates of an earlier run",
    "filter": "left out by the filter",
    "cleaning": "cut from kept texts",
    "rule": "left out by a rule",
    "reject": "unusable: rejects",
}
"""What can become of a byte of raw text, in the order in which plots stack it."""


def count(number: int) -> str:
    """1,234,567."""
    return f"{number:,}".replace("-", MINUS)


def compact(number: int) -> str:
    """A count short enough for a headline: 987,654, then 12.3 million, 4.56 billion."""
    for power, name in ((12, "trillion"), (9, "billion"), (6, "million")):
        if abs(number) >= 10**power:
            return f"{_digits(number / 10**power)}{_SPACE}{name}"
    return count(number)


def size(n_bytes: int) -> str:
    """Bytes in decimal units to three digits: 999 B, 12.3 kB, 4.56 MB."""
    value, unit = float(n_bytes), 0
    while abs(value) >= 999.5 and unit + 1 < len(_UNITS):
        value, unit = value / 1000, unit + 1
    text = str(n_bytes) if unit == 0 else _digits(value)
    return f"{text}{_SPACE}{_UNITS[unit]}".replace("-", MINUS)


def share(part: float, whole: float) -> str:
    """`part` of `whole` in percent; a share too small to show is not shown as none."""
    if not whole:
        return "\N{EN DASH}"
    percent = 100 * part / whole
    if percent and abs(percent) < 0.1:
        return "<0.1%" if percent > 0 else f">{MINUS}0.1%"
    return f"{percent:.1f}%".replace("-", MINUS)


def percent(chance: float) -> str:
    """A chance in percent, with as many nines as tell it from certainty: 99.8%, 99.9997%."""
    for decimals in range(1, 12):
        text = f"{100 * chance:.{decimals}f}%"
        if chance >= 1 or not text.startswith("100"):
            return text
    return "100%"


def plain(reason: str) -> str:
    """A reason's name as words: `set_not_chosen` → `set not chosen`."""
    return reason.replace("_", " ")


def _digits(value: float) -> str:
    """`value` to three digits, never in scientific notation."""
    decimals = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    return f"{value:.{decimals}f}"
