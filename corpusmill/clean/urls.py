"""URL block lists: domains with all their subdomains, and beginnings of paths.

A list has an entry a line: `example.com`, or `example.com/shop`. A scheme, a port, what stands before an @,
and case are nothing. The block lists of the University of Toulouse (UT1) are of this form.
"""

import contextlib
from collections.abc import Iterable
from urllib.parse import urlsplit


class BlockList:
    """Says by which entry an address is blocked; a lookup costs as many steps as the host has labels and
    the path has parts, however long the list."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._entries = set[str]()
        for entry in entries:
            if (parts := _parts(entry)) is not None:
                self._entries.add("/".join(parts))

    def blocked(self, url: str) -> str | None:
        """The shortest entry that blocks `url`, or None; never raises."""
        parts = _parts(url)
        if parts is None:
            return None
        host, *path = parts
        labels = host.split(".")
        hosts = [".".join(labels[at:]) for at in range(len(labels) - 1, -1, -1)]
        for name in hosts:
            if name in self._entries:
                return name
        prefix = host
        for part in path:
            prefix += f"/{part}"
            if prefix in self._entries:
                return prefix
        return None


def _parts(url: str) -> list[str] | None:
    """[host, the parts of the path]; None for what is no address."""
    url = url.strip().lower()
    try:
        split = urlsplit(url if "://" in url else f"http://{url}")
        host = split.hostname
    except ValueError:
        return None
    if not host:
        return None
    with contextlib.suppress(UnicodeError):  # too long a label, or an empty one: taken as it is written
        host = host.encode("idna").decode("ascii")
    return [host.strip("."), *(part for part in split.path.split("/") if part)]
