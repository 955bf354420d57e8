"""What the demo plants beside duplicates: pages that the filter must leave out, and an evaluation set of
which some questions stand in pages that stay.

The words are drawn at random from a short list, so that no thirteen of them come together by chance.
"""

import json
import random
from dataclasses import dataclass
from pathlib import Path

EVALUATION = "eval/quiz.jsonl"
_QUESTIONS, _LEAKED, _UNFINISHED = 40, 10, 6
_WORDS = [
    "amber",
    "anchor",
    "barley",
    "basin",
    "beacon",
    "bramble",
    "candle",
    "cedar",
    "cellar",
    "chimney",
    "clover",
    "cobble",
    "copper",
    "corner",
    "crane",
    "current",
    "dapple",
    "ditch",
    "drover",
    "ember",
    "fallow",
    "ferry",
    "flint",
    "furrow",
    "gable",
    "garden",
    "gravel",
    "hamlet",
    "harbour",
    "hazel",
    "hedge",
    "hollow",
    "kettle",
    "lantern",
    "larch",
    "ledge",
    "lichen",
    "linen",
    "marsh",
    "meadow",
    "mill",
    "mortar",
    "orchard",
    "osier",
    "paddock",
    "parish",
    "pebble",
    "plough",
    "quarry",
    "reed",
    "ridge",
    "rook",
    "saddle",
    "salt",
    "shale",
    "spindle",
    "stile",
    "thatch",
    "thistle",
    "timber",
    "towpath",
    "vane",
    "wagon",
    "weir",
    "willow",
    "wool",
]


@dataclass(frozen=True, kw_only=True)
class Leak:
    """A page with a question of the evaluation set in it, between two paragraphs that have nothing of it."""

    text: str
    question: str


def questions() -> list[str]:
    """The evaluation set."""
    rng = random.Random("quiz")
    return [f"Which {_words(rng, rng.randint(16, 30))}?" for _ in range(_QUESTIONS)]


def leaks() -> list[Leak]:
    """The pages that have something of it."""
    rng = random.Random("leaks")
    return [
        Leak(
            text=f"{_paragraph(rng)}\n\nSomebody asked: {question.upper()}\n\n{_paragraph(rng)}",
            question=question,
        )
        for question in questions()[:_LEAKED]
    ]


def unfinished() -> list[str]:
    """Pages that nobody has filled in: C4's rule leaves them out."""
    rng = random.Random("unfinished")
    return [f"{_paragraph(rng)}\n\nLorem ipsum dolor sit amet." for _ in range(_UNFINISHED)]


def write(folder: Path) -> None:
    """Write the evaluation set under `folder`."""
    path = folder / EVALUATION
    path.parent.mkdir()
    path.write_text("".join(json.dumps({"question": question}) + "\n" for question in questions()))


def _paragraph(rng: random.Random) -> str:
    """Some 800 characters, of which the margin of a cut takes no more than a part."""
    return " ".join(f"{_words(rng, 12).capitalize()}." for _ in range(10))


def _words(rng: random.Random, n: int) -> str:
    return " ".join(rng.choices(_WORDS, k=n))
