"""Which language a text is in: py3langid, whose model ships in its package.

It judges by the first characters only, so the cost of a long document is that of a page.
"""

import functools
from collections.abc import Iterable

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from corpusmill.errors import CorpusmillError

MAX_CHARACTERS = 8_192


def identify(text: str) -> str:
    """The code of the language that `text` is most likely in (ISO 639-1, or 639-3 where that has none)."""
    return identify_with_score(text)[0]


def identify_with_score(text: str) -> tuple[str, float]:
    """(the code as of `identify`, its probability among all languages known, rounded to 4 decimals: what a
    processor makes of the rest may differ)."""
    code, score = _identifier().classify(text[:MAX_CHARACTERS])
    return code, round(float(score), 4)


def require_known(codes: Iterable[str]) -> None:
    """`CorpusmillError` if one of `codes` is no language that `identify` can find."""
    known = _identifier().labels if (codes := list(codes)) else []
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise CorpusmillError(f"languages: {unknown} are not known; the codes are {' '.join(sorted(known))}")


@functools.lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:  # half a second to load, so not before it is needed
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
