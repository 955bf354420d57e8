import pytest

from corpusmill.clean.language import identify, require_known
from corpusmill.errors import CorpusmillError


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "It was a bright cold day in April, and the clocks were striking thirteen."),
        ("de", "Es war ein heller, kalter Tag im April, und die Uhren schlugen dreizehn."),
        ("fr", "C'était une journée d'avril froide et claire, et les horloges sonnaient treize heures."),
    ],
)
def test_languages_are_told_from_the_first_characters(code: str, text: str) -> None:
    assert identify(text) == code
    assert identify(text * 200 + " ничего" * 10_000) == code


def test_codes_that_are_no_languages_are_refused() -> None:
    require_known([])
    require_known(["en", "de"])
    with pytest.raises(CorpusmillError, match=r"\['english'\] are not known"):
        require_known(["en", "english"])
