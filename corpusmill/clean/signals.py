"""The quality signals of documents: every measure that a filter may judge by.

Each is of one group, and a run measures the groups that its recipe asks for. Ratios are as the published
rules define them, so a threshold is compared with the number as it is.
"""

from collections.abc import Collection, Sequence
from typing import Any

from corpusmill.clean import c4, language, lexical, lines, pii

FIELDS: dict[str, tuple[str, ...]] = {
    "gopher_quality": (
        "text_words",
        "mean_word_length",
        "hash_ratio",
        "ellipsis_ratio",
        "bullet_line_ratio",
        "ellipsis_line_ratio",
        "alphabetic_word_ratio",
        "stop_words",
    ),
    "gopher_repetition": (
        "duplicate_line_ratio",
        "duplicate_line_character_ratio",
        "duplicate_paragraph_ratio",
        "duplicate_paragraph_character_ratio",
        *(f"top_{n}_gram_ratio" for n in lexical.TOP_SIZES),
        *(f"duplicate_{n}_gram_ratio" for n in lexical.DUPLICATE_SIZES),
    ),
    "c4": ("sentences", "curly_brackets", "lorem_ipsum"),
    "fineweb": (
        "punctuated_line_ratio",
        "short_line_ratio",
        "repeated_line_character_ratio",
        "line_break_ratio",
    ),
    "language": ("language", "language_score"),
    "pii": ("emails", "ip_addresses", "phone_numbers"),
}
"""The signals of each group."""


def measure(texts: Sequence[str], groups: Collection[str]) -> list[dict[str, Any]]:
    """The fields of `groups` for each of some texts."""
    return [_measure(text, groups) for text in texts]


def _measure(text: str, groups: Collection[str]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if not {"gopher_quality", "gopher_repetition", "fineweb"}.isdisjoint(groups):
        words, of_lines = lexical.measure(text), lines.measure(text)
        if "gopher_quality" in groups:
            row |= _gopher_quality(text, words, of_lines)
        if "gopher_repetition" in groups:
            row |= _gopher_repetition(text, words, of_lines)
        if "fineweb" in groups:
            row |= _fineweb(text, words, of_lines)
    if "c4" in groups:
        row |= _c4(text)
    if "language" in groups:
        row["language"], row["language_score"] = language.identify_with_score(text)
    if "pii" in groups:
        row |= pii.count(text)
    return row


def _gopher_quality(text: str, words: lexical.Lexical, of_lines: lines.Lines) -> dict[str, Any]:
    return {
        "text_words": words.text_words,
        "mean_word_length": words.text_characters / max(words.text_words, 1),
        "hash_ratio": text.count("#") / max(words.words, 1),
        "ellipsis_ratio": (text.count("...") + text.count("…")) / max(words.words, 1),
        "bullet_line_ratio": of_lines.bullet_lines,
        "ellipsis_line_ratio": of_lines.ellipsis_lines,
        "alphabetic_word_ratio": words.alphabetic_words / max(words.words, 1),
        "stop_words": words.stop_words,
    }


def _gopher_repetition(text: str, words: lexical.Lexical, of_lines: lines.Lines) -> dict[str, Any]:
    size = max(len(text), 1)
    return {
        "duplicate_line_ratio": of_lines.duplicate_lines,
        "duplicate_line_character_ratio": of_lines.duplicate_line_characters,
        "duplicate_paragraph_ratio": of_lines.duplicate_paragraphs,
        "duplicate_paragraph_character_ratio": of_lines.duplicate_paragraph_characters,
        **{f"top_{n}_gram_ratio": k / size for n, k in zip(lexical.TOP_SIZES, words.top, strict=True)},
        **{
            f"duplicate_{n}_gram_ratio": k / size
            for n, k in zip(lexical.DUPLICATE_SIZES, words.duplicate, strict=True)
        },
    }


def _fineweb(text: str, words: lexical.Lexical, of_lines: lines.Lines) -> dict[str, Any]:
    return {
        "punctuated_line_ratio": of_lines.punctuated_lines,
        "short_line_ratio": of_lines.short_lines,
        "repeated_line_character_ratio": of_lines.repeated_characters,
        "line_break_ratio": text.count("\n") / max(words.words, 1),
    }


def _c4(text: str) -> dict[str, Any]:
    return {
        "sentences": lines.count_sentences(text),
        "curly_brackets": text.count(c4.BRACKET),
        "lorem_ipsum": text.lower().count(c4.LOREM_IPSUM),
    }
