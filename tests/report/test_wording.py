import pytest

from corpusmill.report import wording


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (12_345_678, "12.3 MB"),
        (180 * 10**9, "180 GB"),
        (-700, f"{wording.MINUS}700 B"),
    ],
)
def test_sizes_have_three_digits_and_a_unit(n_bytes: int, text: str) -> None:
    assert wording.size(n_bytes).replace("\xa0", " ") == text


def test_counts_have_thousands_separators() -> None:
    assert wording.count(1234567) == "1,234,567"
    assert wording.compact(987_654) == "987,654"
    assert wording.compact(180_212_345_678).replace("\xa0", " ") == "180 billion"


def test_a_share_too_small_to_show_is_not_shown_as_none() -> None:
    assert wording.share(0, 10) == "0.0%"
    assert wording.share(1, 10**6) == "<0.1%"
    assert wording.share(1, 0) == "\N{EN DASH}"


def test_a_chance_below_one_never_reads_as_certain() -> None:
    assert wording.percent(0.9983) == "99.8%"
    assert wording.percent(0.9999973) == "99.9997%"
    assert wording.percent(1.0) == "100.0%"
