"""Templates and parser functions whose text is computed: quantities, numbers, dates, ships.

What depends on the day on which an article is read (an age) or on the wiki's data (a rate of exchange) is
left out; a number is grouped as in English.
"""

import itertools
import re
from collections.abc import Callable

from corpusmill.sources.wikitext_template_fields import Fields

_QUANTITY = re.compile(
    r"[-+\u2212]?[\d.,/+\u2044\u2009 ]+|-|\u2013|to|and|or|by|x|\u00d7|\+/-|\u00b1", re.IGNORECASE
)
_DASH = re.compile(r" (?:-|\u2013) (?=[-+\u2212\d])")
_NUMBER = re.compile(r"([-\u2212+]?)(\d+)(\.\d+)?")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _quantity(fields: Fields) -> str:
    """A quantity in the unit it is written in: its numbers and the unit behind them, or several of both."""
    given = fields.counted
    shown: list[str] = []
    while True:
        numbers = list(itertools.takewhile(_QUANTITY.fullmatch, given[len(shown) :]))
        behind = given[len(shown) + len(numbers) :]
        if not numbers or not behind:
            return _DASH.sub("\u2013", " ".join(shown or numbers))
        shown += [*numbers, behind[0]]


def _fraction(fields: Fields) -> str:
    match fields.counted:
        case [below]:
            return f"1/{below}"
        case [above, below]:
            return f"{above}/{below}"
        case [whole, above, below, *_]:
            return f"{whole} {above}/{below}"
    return ""


def _value(fields: Fields) -> str:
    """A measured value with its uncertainty, power of ten and unit."""
    number, *more = fields.counted or [""]
    shown = number + "".join(f"\u00b1{each}" for each in more[:1] if each)
    if power := fields.get("e"):
        shown = f"({shown})" if more and more[0] else shown
        shown += f"\u00d710^{power}"
    unit = fields.get("u") or fields.get("ul")
    per = fields.get("up") or fields.get("upl")
    unit = f"{unit}/{per}" if per else unit
    return f"{fields.get('p')}{shown}{' ' * bool(unit)}{unit}{fields.get('s')}".strip()


def _date_of(counted: list[str], day_first: bool) -> str:
    year, month, day = [*(counted[:3]), "", "", ""][:3]
    if not year.isdecimal():
        return year
    if month.isdecimal():
        month = _MONTHS[int(month) - 1] if month.isascii() and 1 <= int(month[:4]) <= len(_MONTHS) else ""
    if not month:
        return year
    day = str(int(day)) if day.isdecimal() and len(day) <= 2 else ""
    if not day:
        return f"{month} {year}"
    return f"{day} {month} {year}" if day_first else f"{month} {day}, {year}"


def _date(fields: Fields) -> str:
    """A date, without the age that belongs to it."""
    return _date_of(fields.counted, bool(fields.get("df")))


def _old_style(fields: Fields) -> str:
    """A date with that of the Julian calendar, which is the last field, ahead of the year."""
    if len(fields.counted) < 2:
        return "".join(fields.counted)
    day, *year, julian = fields.counted
    return " ".join(filter(None, [day, f"[O.S. {julian}]", *year]))


def _as_of(fields: Fields) -> str:
    if fields.get("alt"):
        return fields.get("alt")
    american = fields.get("df").lower() in ("us", "mdy")
    date = f"{fields.get('pre')} {_date_of(fields.counted, not american)}".strip()
    if not date:
        return ""
    if not fields.get("bare"):
        lead = "Since" if fields.get("since") else "As of"
        date = f"{lead.lower() if fields.get('lc') else lead} {date}"
    return f"{date}{fields.get('post')}"


def ship(prefix: str, counted: list[str]) -> str:
    """A ship's name with its prefix and what tells it from others, or the part of it that is asked for."""
    name, mark, form = [*(counted[:3]), "", "", ""][:3]
    named = f"{prefix} {name}".strip()
    told = f" ({mark})" if mark else ""
    match form:
        case "1":
            return mark
        case "2":
            return named
        case "3":
            return f"{name}{told}"
        case "6":
            return name
    return f"{named}{told}"


def _sic(fields: Fields) -> str:
    text = "".join(fields.counted[:2])
    return text if fields.get("hide") else f"{text} [sic]".strip()


def _bible(fields: Fields) -> str:
    """A book, with its number where it has one, and a verse, but not the translation."""
    counted = fields.counted
    if counted and (not counted[0] or counted[0].isdecimal()):
        return " ".join(filter(None, counted[:3]))
    return " ".join(filter(None, counted[:2]))


def _ordinal(fields: Fields) -> str:
    number = fields.get("1")
    if not number.isdecimal():
        return number
    ending = {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th")
    return number + ("th" if number[-2:-1] == "1" else ending)


COMPUTED: dict[str, Callable[[Fields], str]] = {
    "as of": _as_of,
    "bible": _bible,
    "date": _date,
    "fraction": _fraction,
    "old style": _old_style,
    "ordinal": _ordinal,
    "quantity": _quantity,
    "ship with prefix": lambda fields: ship(fields.get("1"), fields.counted[1:]),
    "sic": _sic,
    "value": _value,
}


def _formatnum(number: str, flags: list[str]) -> str:
    if any(flag.upper() == "R" for flag in flags):
        return number.replace(",", "")
    found = _NUMBER.fullmatch(number)
    if not found or any(flag.upper() == "NOSEP" for flag in flags):
        return number
    digits = found[2]
    head = len(digits) % 3
    groups = [digits[:head]] * bool(head) + [digits[i : i + 3] for i in range(head, len(digits), 3)]
    return f"{found[1]}{','.join(groups)}{found[3] or ''}"


FUNCTIONS: dict[str, Callable[[str, list[str]], str]] = {
    "formatnum": _formatnum,
    "lc": lambda text, _: text.lower(),
    "uc": lambda text, _: text.upper(),
    "lcfirst": lambda text, _: text[:1].lower() + text[1:],
    "ucfirst": lambda text, _: text[:1].upper() + text[1:],
}
