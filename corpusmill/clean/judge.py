"""Which documents break a rule of the filter, from their signals: columns in, names of rules out."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from corpusmill.clean.urls import BlockList
from corpusmill.filters import C4, PII, URL, Filter, FineWeb, GopherQuality, GopherRepetition, Language, Rules

Signals = Mapping[str, np.ndarray]


class Sense(NamedTuple):
    """What a rule compares: the signal `measure` of a document that breaks it is `direction` the `threshold`
    (null where there is no number to compare with)."""

    measure: str
    direction: str
    threshold: float | None


class _Rule(NamedTuple):
    """`name` within its group; `broken` bool[n] and the measured `values` float64[n] of all documents."""

    name: str
    broken: np.ndarray
    values: np.ndarray
    sense: Sense


class Verdicts(NamedTuple):
    """Of n documents: `first` object[n], the first rule that each breaks, as `group.rule`, or None; `values`
    float64[n], what was measured for it, NaN where nothing is broken; `senses`, what it compares; `broken`,
    all rules that each breaks, in their order."""

    first: np.ndarray
    values: np.ndarray
    senses: list[Sense | None]
    broken: list[list[str]]


def judge(options: Filter, sources: np.ndarray, signals: Signals) -> Verdicts:
    """Which rules the documents break. `sources` is object[n], `signals` has arrays of n. Where a signal is
    null nothing is broken."""
    first = np.full(len(sources), None, object)
    values = np.full(len(sources), np.nan)
    broken: list[list[str]] = [[] for _ in range(len(sources))]
    senses: list[Sense | None] = [None] * len(sources)
    judged = np.zeros(len(sources), bool)
    for group, rules in options:
        if rules is None:
            continue
        asked = np.ones(len(sources), bool)
        if rules.sources is not None:
            asked = np.isin(sources.astype(str), rules.sources)
        for rule in _rules(rules, signals):
            name = f"{group}.{rule.name}"
            breaking = rule.broken & asked
            for place in np.flatnonzero(breaking).tolist():
                senses[place] = senses[place] or rule.sense
                if name not in broken[place]:  # a rule may look at two signals
                    broken[place].append(name)
            new = breaking & ~judged
            first[new], values[new] = name, rule.values[new]
            judged |= new
    return Verdicts(first, values, senses, broken)


def _rules(rules: Rules, signals: Signals) -> Iterator[_Rule]:
    match rules:
        case GopherQuality():
            yield from _gopher_quality(rules, signals)
        case GopherRepetition():
            yield from _gopher_repetition(rules, signals)
        case C4():
            yield _below("min_num_sentences", signals, "sentences", rules.min_num_sentences)
            for name, column in (("lorem_ipsum", "lorem_ipsum"), ("curly_bracket", "curly_brackets")):
                limit = 0 if getattr(rules, f"filter_{name}") else None
                yield _above(f"filter_{name}", signals, column, limit)
        case FineWeb():
            yield from _fineweb(rules, signals)
        case Language():
            yield from _language(rules, signals)
        case PII():
            for name in ("emails", "ip_addresses", "phone_numbers"):
                yield _above(f"max_{name}", signals, name, getattr(rules, f"max_{name}"))
        case URL():
            yield _blocked(rules, signals["url"])


def _gopher_quality(rules: GopherQuality, signals: Signals) -> Iterator[_Rule]:
    yield _below("min_doc_words", signals, "text_words", rules.min_doc_words)
    yield _above("max_doc_words", signals, "text_words", rules.max_doc_words)
    yield _below("min_avg_word_length", signals, "mean_word_length", rules.min_avg_word_length)
    yield _above("max_avg_word_length", signals, "mean_word_length", rules.max_avg_word_length)
    for column in ("hash_ratio", "ellipsis_ratio"):
        yield _above("max_symbol_word_ratio", signals, column, rules.max_symbol_word_ratio)
    yield _above("max_bullet_lines_ratio", signals, "bullet_line_ratio", rules.max_bullet_lines_ratio)
    yield _above("max_ellipsis_lines_ratio", signals, "ellipsis_line_ratio", rules.max_ellipsis_lines_ratio)
    least = rules.max_non_alpha_words_ratio
    yield _below("max_non_alpha_words_ratio", signals, "alphabetic_word_ratio", least)
    yield _below("min_stop_words", signals, "stop_words", rules.min_stop_words)


def _gopher_repetition(rules: GopherRepetition, signals: Signals) -> Iterator[_Rule]:
    yield _above("dup_para_frac", signals, "duplicate_paragraph_ratio", rules.dup_para_frac)
    yield _above(
        "dup_para_char_frac", signals, "duplicate_paragraph_character_ratio", rules.dup_para_char_frac
    )
    yield _above("dup_line_frac", signals, "duplicate_line_ratio", rules.dup_line_frac)
    yield _above("dup_line_char_frac", signals, "duplicate_line_character_ratio", rules.dup_line_char_frac)
    for n, most in sorted(rules.top_n_grams.items()):
        yield _above(f"top_n_grams.{n}", signals, f"top_{n}_gram_ratio", most)
    for n, most in sorted(rules.dup_n_grams.items()):
        yield _above(f"dup_n_grams.{n}", signals, f"duplicate_{n}_gram_ratio", most)


def _fineweb(rules: FineWeb, signals: Signals) -> Iterator[_Rule]:
    punctuated = _below("line_punct_thr", signals, "punctuated_line_ratio", rules.line_punct_thr)
    if rules.line_punct_exclude_zero:
        punctuated = punctuated._replace(broken=punctuated.broken & (punctuated.values != 0))
    yield punctuated
    yield _above("short_line_thr", signals, "short_line_ratio", rules.short_line_thr)
    repeated = "repeated_line_character_ratio"
    yield _above("char_duplicates_ratio", signals, repeated, rules.char_duplicates_ratio)
    yield _above("new_line_ratio", signals, "line_break_ratio", rules.new_line_ratio)


def _language(rules: Language, signals: Signals) -> Iterator[_Rule]:
    codes = signals["language"]
    scores = signals["language_score"].astype(np.float64)
    known = np.array([code is not None for code in codes.tolist()], bool)
    sense = Sense("language", f"none of {', '.join(rules.keep)}", None)
    yield _Rule("keep", known & ~np.isin(codes.astype(str), rules.keep), scores, sense)
    yield _below("min_score", signals, "language_score", rules.min_score)


def _blocked(rules: URL, urls: np.ndarray) -> _Rule:
    blocked = BlockList(rules.block.names)
    hits = np.array([url is not None and blocked.blocked(url) is not None for url in urls.tolist()], bool)
    return _Rule("block", hits, hits.astype(np.float64), Sense("url", "blocked", None))


def _below(name: str, signals: Signals, measure: str, least: float | None) -> _Rule:
    values = signals[measure].astype(np.float64)
    broken = np.zeros(len(values), bool) if least is None else values < least
    return _Rule(name, broken, values, Sense(measure, "below", least))


def _above(name: str, signals: Signals, measure: str, most: float | None) -> _Rule:
    values = signals[measure].astype(np.float64)
    broken = np.zeros(len(values), bool) if most is None else values > most
    return _Rule(name, broken, values, Sense(measure, "above", most))
