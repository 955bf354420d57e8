"""How fast the cleaning rules are, and whether any is slower than linear.

python benchmarks/rules.py --samples DIR    # MB/s of each source's whole chain on real texts
python benchmarks/rules.py --doubling       # each rule and measure on 1, 2, 4 MB of what might hurt it
python benchmarks/rules.py --large          # and on one document of 50 and 100 MB, prose and repeats
"""

import argparse
import math
import random
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from corpusmill import entries
from corpusmill.clean import RULES, rules, signals
from corpusmill.sources import PileSource, rules_of, source_of

_BAD = 2.7  # times as long for twice the text: linear is 2, quadratic 4, and the clock is noisy
_LARGE = 100_000_000  # characters
_LEAST = 0.02  # seconds; what takes less says nothing
ADVERSARIAL = {
    "one long word": "a",
    "one line of spaces": " ",
    "empty lines": "\n",
    "blank lines": " \n",
    "short lines": "a\n",
    "the same line": "The same line again, and again.\n",
    "brackets": "[",
    "quotation marks": '" "',
    "entities": "&amp;",
    "half entities": "&am",
    "mojibake": "â€™Ã©",
    "dots and digits": "1.",
    "addresses": "a@b.",
    "stars": "* ",
    "Q and A": "Q:\n\nA:\n\n",
    "backslashes": "\\",
    "headings": "Chapter 1:",
    "indented lines": "   a b\n",
    "posts": "~~~\nab\n",
    "links": "[a](b",
    "cut-off addresses": "http://a...",
    "pages of contents": "a     1",
    "Gutenberg": "*** START OF THE PROJECT GUTENBERG\n",
}


def chains(samples: Path) -> None:
    """Print MB/s of the whole cleaning, on one core, of real texts by what they are."""
    from real_texts import texts

    general = rules_of(source_of(entries.Text(name="t", family="text", files=["*"])), "t")
    gutenberg = entries.Books(name="b", family="books", layout="gutenberg", files=["*"])
    reddit = entries.Pushshift(name="r", family="pushshift", files=["*"])
    of_folder = {
        "books": rules_of(source_of(gutenberg), "b"),
        "pushshift": rules_of(source_of(reddit), "r"),
        "pg19": PileSource.rules_of_sets["Gutenberg (PG-19)"],
        "wiki": PileSource.rules_of_sets["Wikipedia (en)"],
    }
    real: dict[str, list[str]] = {}
    for path, text in texts(samples):
        real.setdefault(path.split("/")[0], []).append(text)
    size = seconds = 0.0
    for folder, each in real.items():
        if folder == "malformed":
            continue
        chain = rules.chain(of_folder.get(folder, general))
        rules.apply(chain, "é")  # tables
        n = sum(len(text.encode()) for text in each) / 1e6
        took = min(_seconds(partial(rules.apply, chain), each) for _ in range(3))
        print(f"{folder:<12}{n:>7.1f} MB{n / took:>9.1f} MB/s   {' '.join(rule.name for rule in chain)}")
        size, seconds = size + n, seconds + took
    print(f"{'all':<12}{size:>7.1f} MB{size / seconds:>9.1f} MB/s")


def doubling() -> bool:
    """Print how slow each rule is on the texts that are made to hurt it; whether all are linear."""
    linear = True
    for name, rule in _work().items():
        worst, told = 0.0, ""
        for kind, piece in ADVERSARIAL.items():
            times = []
            for size in (1_000_000, 2_000_000, 4_000_000):
                text = (piece * (size // len(piece) + 1))[:size]
                times.append(_seconds(rule, [text]))
            growth = times[2] / times[1] if times[2] > _LEAST else 0
            if growth > _BAD and _growth(rule, text) > _BAD:
                linear = False
                print(f"    {name}: {kind}: {times[1]:.2f} s for 2 MB, {times[2]:.2f} s for 4 MB")
            if times[2] > worst:
                worst, told = times[2], kind
        print(f"{name:<28} at worst {4 / worst:>8.1f} MB/s, on {told}")
    return linear


def large() -> bool:
    """Print how long each rule takes for a document of 50 and of 100 MB; whether all are linear."""
    rng = random.Random(1)
    vocabulary = ["".join(rng.choices("etaoinshrdlu", k=rng.randint(2, 9))) for _ in range(5_000)]
    sentences = [" ".join(rng.choices(vocabulary, k=12)).capitalize() + "." for _ in range(20_000)]
    lines = "".join(
        f"{' '.join(rng.choices(sentences, k=3))}\n" + "\n" * (n % 3 == 0) for n in range(250_000)
    )
    kinds = {"prose": lines, "one line": lines.replace("\n", " "), "one sentence again": sentences[0] + "\n"}
    linear = True
    for name, rule in _work().items():
        told = []
        for kind, piece in kinds.items():
            text = (piece * (_LARGE // len(piece) + 1))[:_LARGE]
            half, whole = _seconds(rule, [text[: _LARGE // 2]]), _seconds(rule, [text])
            if whole > _LEAST and whole > _BAD * half:  # once more, for the clock is noisy
                linear &= _growth(rule, text) < _BAD
            told.append(f"{kind} {half:6.2f} s, {whole:6.2f} s")
        print(f"{name:<28}" + "    ".join(told), flush=True)
    return linear


def _work() -> dict[str, Callable[[str], object]]:
    """Every rule and every group of measures."""
    return {**RULES, **{f"signals of {group}": _measuring(group) for group in signals.FIELDS}}


def _measuring(group: str) -> Callable[[str], object]:
    return lambda text: signals.measure([text], [group])


def _growth(rule: Callable[[str], object], text: str) -> float:
    """How many times as long a rule takes for twice the text, from the text and a quarter of it, the best of
    three each: between two sizes a cache may end."""
    quarter = text[: len(text) // 4]
    whole, part = (min(_seconds(rule, [each]) for _ in range(3)) for each in (text, quarter))
    return math.sqrt(whole / part)


def _seconds(work: Callable[[str], object], each: list[str]) -> float:
    start = time.perf_counter()
    for text in each:
        work(text)
    return time.perf_counter() - start


def main() -> None:
    """Measure; fail if something is not linear."""
    parser = argparse.ArgumentParser(description="How fast the cleaning rules are.")
    parser.add_argument("--samples", type=Path, help="a folder of real dumps")
    parser.add_argument("--doubling", action="store_true", help="on texts of doubling size")
    parser.add_argument("--large", action="store_true", help="on documents of 100 MB (ten minutes)")
    arguments = parser.parse_args()
    if arguments.samples:
        chains(arguments.samples)
    if arguments.doubling and not doubling():
        sys.exit("slower than linear")
    if arguments.large and not large():
        sys.exit("slower than linear")


if __name__ == "__main__":
    main()
