"""URL block lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.clean.urls import BlockList

LIST = BlockList(["example.com", "Shop.example.net/Sale", "https://user@münchen.de:8080/", ""])


@pytest.mark.parametrize(
    ("url", "entry"),
    [
        ("http://example.com", "example.com"),
        ("https://www.EXAMPLE.com:443/a?b#c", "example.com"),
        ("a.b.example.com/x", "example.com"),
        ("http://example.com.", "example.com"),
        ("http://badexample.com", None),
        ("http://example.org/example.com", None),
        ("http://shop.example.net/sale/today", "shop.example.net/sale"),
        ("http://shop.example.net/sales", None),
        ("http://example.net/sale", None),
        ("http://xn--mnchen-3ya.de/", "xn--mnchen-3ya.de"),
        ("http://MÜNCHEN.de/", "xn--mnchen-3ya.de"),
        ("http://[::1", None),
        ("not an address", None),
        ("", None),
    ],
)
def test_domains_block_their_subdomains_and_paths_what_is_below(url: str, entry: str | None) -> None:
    assert LIST.blocked(url) == entry


@given(st.text(max_size=30))
def test_no_address_is_an_error(url: str) -> None:
    LIST.blocked(url)
    BlockList([url]).blocked(url)


labels = st.sampled_from(["a", "b", "com"])


@given(
    st.lists(st.lists(labels, min_size=1, max_size=3), max_size=4), st.lists(labels, min_size=1, max_size=4)
)
def test_a_host_is_blocked_if_it_ends_in_the_labels_of_an_entry(
    entries: list[list[str]], host: list[str]
) -> None:
    blocks = any(host[-len(entry) :] == entry for entry in entries)
    found = BlockList(".".join(entry) for entry in entries).blocked("http://" + ".".join(host))
    assert (found is not None) == blocks
