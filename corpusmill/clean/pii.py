"""Personal data that has a form: email addresses, public IP addresses, phone numbers; counted or masked.

Precision comes before recall: what only looks like one (a version 1.2.3.4, a private network's address, a
date, an ISBN, a price) is left alone. Libraries have the last word, `ipaddress` on addresses and
`phonenumbers` (Google's tables of valid numbers) on numbers; patterns only find the candidates, each in time
linear in the text.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator

import phonenumbers

EMAIL, IP_ADDRESS, PHONE_NUMBER = "|||EMAIL_ADDRESS|||", "|||IP_ADDRESS|||", "|||PHONE_NUMBER|||"
"""What stands in a text instead of one; the placeholders of Dolma (arXiv 2402.00159)."""

# None begins right behind a placeholder: what is left alone by one pass must be by the next.
_DOMAIN = re.compile(r"@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])")
_LOCAL = re.compile(r"[\w.%+'-]{1,65}\Z", re.ASCII)
_LONGEST_LOCAL = 64  # characters (RFC 5321, 4.5.3.1.1)
_IPV4 = re.compile(r"(?<![\w.-])(?<!\|\|\|)(?:\d{1,3}\.){3}\d{1,3}(?!\.?[\w-])", re.ASCII)
_IPV6 = re.compile(r"(?<![\w:.])(?<!\|\|\|)(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_VERSION = re.compile(r"(?:\bv|\bver|version|release|firmware|build)\.? ?\Z", re.IGNORECASE)
# (212) 555-0123, 212-555-0123, +1 212 555 0123; and + with a country's code and groups of digits.
_PHONE = re.compile(
    r"(?<![\w.,/+-])(?<!\|\|\|)(?:(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}"
    r"|\+\d{1,3}(?:[ .-]?\(?\d{1,4}\)?){2,6})(?![\w/-]|[.,]\d)"
)
_HOME = "US"  # of numbers without a country's code

Span = tuple[int, int]


def count(text: str) -> dict[str, int]:
    """How many `emails`, `ip_addresses` and `phone_numbers` stand in a text."""
    return {
        "emails": sum(1 for _ in _emails(text)),
        "ip_addresses": sum(1 for _ in _ip_addresses(text)),
        "phone_numbers": sum(1 for _ in _phone_numbers(text)),
    }


def mask_emails(text: str) -> str:
    """`EMAIL` in the place of every email address."""
    return _mask(text, _emails, EMAIL)


def mask_ip_addresses(text: str) -> str:
    """`IP_ADDRESS` in the place of every public IP address, of version 4 or 6."""
    return _mask(text, _ip_addresses, IP_ADDRESS)


def mask_phone_numbers(text: str) -> str:
    """`PHONE_NUMBER` in the place of every valid phone number: of North America as it is written there, of
    all countries with + and the country's code."""
    return _mask(text, _phone_numbers, PHONE_NUMBER)


def _mask(text: str, find: Callable[[str], Iterator[Span]], placeholder: str) -> str:
    pieces = []
    done = 0
    for start, stop in find(text):
        pieces += [text[done:start], placeholder]
        done = stop
    return "".join([*pieces, text[done:]]) if done else text


def _emails(text: str) -> Iterator[Span]:
    if "@" not in text:
        return
    done = 0
    for domain in _DOMAIN.finditer(text):
        at = domain.start()
        local = _LOCAL.search(text, max(done, at - _LONGEST_LOCAL - 1), at)
        if local and at - local.start() <= _LONGEST_LOCAL and local.group().strip(".'-+%"):
            start = local.start() + len(local.group()) - len(local.group().lstrip(".'-+%"))
            yield start, domain.end()
            done = domain.end()


def _ip_addresses(text: str) -> Iterator[Span]:
    found = [match.span() for match in _IPV4.finditer(text)] if "." in text else []
    found += [match.span() for match in _IPV6.finditer(text)] if ":" in text else []
    for start, stop in sorted(found):
        try:
            address = ipaddress.ip_address(text[start:stop])
        except ValueError:
            continue
        if address.is_global and not _VERSION.search(text, max(0, start - 12), start):
            yield start, stop


def _phone_numbers(text: str) -> Iterator[Span]:
    for match in _PHONE.finditer(text):
        try:
            number = phonenumbers.parse(match.group(), _HOME)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            yield match.span()
