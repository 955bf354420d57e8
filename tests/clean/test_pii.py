"""Personal data: what is found, what is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.clean import pii

MASKS = (pii.mask_emails, pii.mask_ip_addresses, pii.mask_phone_numbers)


def masked(text: str) -> str:
    for mask in MASKS:
        text = mask(text)
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to jane.doe+x@mail.example.org.", f"write to {pii.EMAIL}."),
        ("(72600.2026@compuserve.com);", f"({pii.EMAIL});"),
        ("a@b.co, c@d.co", f"{pii.EMAIL}, {pii.EMAIL}"),
        ("from 8.8.8.8 to 66.102.7.104!", f"from {pii.IP_ADDRESS} to {pii.IP_ADDRESS}!"),
        ("http://66.102.7.104/search", f"http://{pii.IP_ADDRESS}/search"),
        ("at 2001:4860:4860::8888, ok", f"at {pii.IP_ADDRESS}, ok"),
        ("TEL: (212-254-5093)", f"TEL: ({pii.PHONE_NUMBER})"),
        ("call (801) 596-1887, or 410-643-5757.", f"call {pii.PHONE_NUMBER}, or {pii.PHONE_NUMBER}."),
        ("Tel. +49 40 890 85433 or +44 20 7946 0958", f"Tel. {pii.PHONE_NUMBER} or {pii.PHONE_NUMBER}"),
    ],
)
def test_personal_data_is_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "me at home @ nine, user@localhost, @example.org, a@b, x@y.z1",
        "version 1.2.3.4, v8.8.8.8 and 1.2.3.4.5",
        "192.168.0.1, 10.0.0.1, 127.0.0.1, 999.1.1.1, ::1 and std::vector<int>",
        "at 12:34:56, in 2001-02-03, for $1,234,567.89",
        "ISBN 978-3-16-148410-0, 0-306-40615-2",
        "555-123-4567 is no area's, 123-456-7890 neither; 100-200-3000 items",
        "3.1415926535, 1234567890, 2021-09-28 10:11:12, 1914-1918",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert masked(text) == text
    assert set(pii.count(text).values()) == {0}


def test_each_kind_is_counted() -> None:
    text = "a@b.co c@d.co 8.8.8.8 (801) 596-1887"
    assert pii.count(text) == {"emails": 2, "ip_addresses": 1, "phone_numbers": 1}


pieces = st.sampled_from(
    ["a@b.co", "8.8.8.8", "(801) 596-1887", "+1 ", ".", "@", "1", "::", " ", "a", "-", "(", "é"]
)


@given(st.lists(pieces, max_size=12).map("".join))
def test_masking_twice_is_masking_once_and_nothing_is_left_to_count(text: str) -> None:
    once = masked(text)
    assert masked(once) == once
    assert set(pii.count(once).values()) == {0}
