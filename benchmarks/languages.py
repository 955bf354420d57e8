"""py3langid, which is used, beside lingua: which is right about the language of real texts, and how fast.

python benchmarks/languages.py --samples DIR    # where lingua-language-detector is installed too

The texts are the Universal Declaration of Human Rights in the languages that both know (the accuracy), and in
some 300 others besides (what is taken for English), in pieces of three lengths.
"""

import argparse
import random
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
from lingua import Language, LanguageDetectorBuilder
from py3langid.langid import MODEL_FILE, LanguageIdentifier

LENGTHS = (50, 200, 2_000)  # characters
PIECES = 20  # of a declaration, of each length, at most
# The declaration's names of languages where they are not ISO 639-3's as lingua has it.
NAMES = {
    "arb": "ara",
    "pes": "fas",
    "zlm": "msa",
    "ekk": "est",
    "als": "sqi",
    "lvs": "lav",
    "swh": "swa",
    "khk": "mon",
    "cmn": "zho",
    "azj": "aze",
}

Identify = Callable[[str], str]


def declarations(samples: Path) -> Iterator[tuple[str, str]]:
    """(language in three letters, text) of every translation."""
    with zipfile.ZipFile(samples / "books" / "nltk" / "udhr2.zip") as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".txt"):
                code = Path(name).stem[:3]
                yield NAMES.get(code, code), " ".join(archive.read(name).decode(errors="replace").split())


def main() -> None:
    """Print accuracy, what is taken for English, and speed."""
    parser = argparse.ArgumentParser(description="py3langid beside lingua.")
    parser.add_argument("--samples", type=Path, required=True, help="a folder of real dumps")
    texts = list(declarations(parser.parse_args().samples))
    here = _memory()
    py3langid, py3langid_seconds = _timed(lambda: LanguageIdentifier.from_model_file(MODEL_FILE))
    ours: Identify = lambda text: py3langid.classify(text)[0]  # noqa: E731
    ours("warm")
    between = _memory()
    built, lingua_seconds = _timed(
        LanguageDetectorBuilder.from_all_languages().with_preloaded_language_models().build
    )

    def theirs(text: str) -> str:
        found = built.detect_language_of(text)
        return found.iso_code_639_1.name.lower() if found else ""

    print(f"loaded: py3langid {py3langid_seconds:.1f} s, {between - here:.0f} MB; ", end="")
    print(f"lingua {lingua_seconds:.1f} s, {_memory() - between:.0f} MB")
    codes = _codes()
    known = {three: two for three, two in codes.items() if two in set(py3langid.labels)}
    shared = [(known[code], text) for code, text in texts if code in known]
    others = [text for code, text in texts if code not in codes]
    print(f"{len({code for code, _ in shared})} languages known to both, {len(others)} texts in others")
    for length in LENGTHS:
        pieces = [(code, piece) for code, text in shared for piece in _pieces(text, length)]
        strange = [piece for text in others for piece in _pieces(text, length)]
        for name, identify in (("py3langid", ours), ("lingua", theirs)):
            start = time.perf_counter()
            got = [identify(piece) for _, piece in pieces]
            seconds = time.perf_counter() - start
            right = sum(a == b for (a, _), b in zip(pieces, got, strict=True))
            english = [b == "en" for (a, _), b in zip(pieces, got, strict=True) if a == "en"]
            wrong = sum(b == "en" != a for (a, _), b in zip(pieces, got, strict=True))
            taken = sum(identify(piece) == "en" for piece in strange)
            print(
                f"{length:>5} characters  {name:<10} right {right / len(pieces):6.1%}   English found "
                f"{sum(english)}/{len(english)}   taken for English {wrong}/{len(pieces) - len(english)}, "
                f"unknown languages {taken}/{len(strange)}   {len(pieces) / seconds:>7,.0f} texts/s "
                f"{sum(len(piece.encode()) for _, piece in pieces) / seconds / 1e6:6.2f} MB/s"
            )


def _codes() -> dict[str, str]:
    """{three letters: two letters} of the languages that lingua knows."""
    return {each.iso_code_639_3.name.lower(): each.iso_code_639_1.name.lower() for each in Language.all()}


def _pieces(text: str, length: int) -> list[str]:
    starts = list(range(0, len(text) - length + 1, length))
    random.Random(length).shuffle(starts)
    return [text[start : start + length] for start in starts[:PIECES]]


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def _memory() -> float:
    return psutil.Process().memory_info().rss / 1e6


if __name__ == "__main__":
    main()
