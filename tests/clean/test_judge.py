"""Judging by signals: which rule a document breaks, and with what."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from corpusmill import documents
from corpusmill.clean import signals
from corpusmill.clean.judge import Sense, Verdicts, judge
from corpusmill.filters import GROUPS, Filter

GOOD = (
    "The cat sat on the mat and looked at the moon, which was full and bright that night. It thought of the "
    "mice that lived with it in the old house by the river. None of them had been seen for days. Perhaps "
    "they had moved to the barn, where the farmer was known to have stored his corn for the winter. The cat "
    "got up, stretched itself, and went to see."
)
EVERYTHING = dict.fromkeys(("gopher_quality", "gopher_repetition", "c4", "fineweb"), True)


def judged(options: dict[str, Any], *texts: str, sources: list[str] | None = None) -> list[tuple[str, float]]:
    rows = signals.measure(texts, [group for group in GROUPS if group != "url"])
    table = pa.Table.from_pylist(rows)
    columns = {name: table.column(name).to_numpy() for name in table.column_names}
    of = np.array(sources or ["s"] * len(texts), object)
    verdicts = judge(Filter.model_validate(options), of, columns)
    return list(zip(verdicts.first.tolist(), verdicts.values.tolist(), strict=True))


def verdicts(options: dict[str, Any], *texts: str) -> Verdicts:
    rows = signals.measure(texts, [group for group in GROUPS if group != "url"])
    table = pa.Table.from_pylist(rows)
    columns = {name: table.column(name).to_numpy() for name in table.column_names}
    return judge(Filter.model_validate(options), np.array(["s"] * len(texts), object), columns)


def test_a_verdict_says_what_is_compared_and_names_every_rule_that_is_broken() -> None:
    found = verdicts(EVERYTHING, GOOD + " 1234" * 80, "Too short.", GOOD, GOOD + " ..." * 30)
    assert found.senses[0] == Sense("alphabetic_word_ratio", "below", 0.8)
    assert found.values[0] < 0.8
    assert found.first[1] == found.broken[1][0] == "gopher_quality.min_doc_words"
    assert found.senses[1] == Sense("text_words", "below", 50)
    assert {"gopher_quality.min_stop_words", "c4.min_num_sentences"} < set(found.broken[1])
    assert (found.senses[2], found.broken[2]) == (None, [])
    assert found.senses[3] == Sense("ellipsis_ratio", "above", 0.1), "the second signal of its rule"


def test_every_rule_s_measure_is_a_column_of_the_documents() -> None:
    columns = {field.name for field in documents.SIGNALS}
    options = EVERYTHING | {"language": {"keep": ["de"]}, "pii": {"max_emails": 0, "max_ip_addresses": 0}}
    odd = [GOOD, "", "#" * 50, "lorem ipsum {", "a@b.org 1.2.3.4", "- x...\n" * 9, "a b " * 999]
    senses = [sense for sense in verdicts(options, *odd).senses if sense]
    assert len(senses) == len(odd)
    assert {sense.measure for sense in senses} <= columns


def test_a_good_text_breaks_no_rule() -> None:
    [(rule, value)] = judged(EVERYTHING, GOOD)
    assert rule is None
    assert np.isnan(value)


@pytest.mark.parametrize(
    ("rule", "text", "value"),
    [
        ("gopher_quality.min_doc_words", "Too short.", 2),
        ("gopher_quality.max_doc_words", "the of words " * 34_000, 102_000),
        ("gopher_quality.min_avg_word_length", "a I to be " * 20, 1.5),
        ("gopher_quality.max_avg_word_length", "extraordinarily " * 60, 15),
        ("gopher_quality.max_symbol_word_ratio", GOOD + " #" * 20, 20 / 100),
        ("gopher_quality.max_bullet_lines_ratio", "\n".join(["- " + GOOD] * 3), 1),
        ("gopher_quality.max_ellipsis_lines_ratio", "\n".join([GOOD + "..."] * 3), 1),
        ("gopher_quality.max_non_alpha_words_ratio", GOOD + " 1234" * 80, None),
        ("gopher_quality.min_stop_words", "banana apple cherry plum " * 20, 0),
        ("gopher_repetition.dup_para_frac", "\n\n".join([GOOD] * 3), 2 / 3),
        ("gopher_repetition.dup_line_frac", "\n".join([GOOD] * 3), 2 / 3),
        ("gopher_repetition.top_n_grams.2", GOOD + " full moon," * 30, None),
        ("c4.min_num_sentences", GOOD.replace(".", " and"), 1),
        ("c4.filter_lorem_ipsum", GOOD + " Lorem Ipsum is a text.", 1),
        ("c4.filter_curly_bracket", GOOD + " {", 1),
        ("fineweb.short_line_thr", GOOD + "\nShort.\nLines.\nAre.\nHere.\n", 0.8),
    ],
)
def test_each_rule_is_broken_by_what_it_is_about(rule: str, text: str, value: float | None) -> None:
    group = rule.split(".")[0]
    [(broken, measured)] = judged({group: True}, text)
    assert broken == rule
    assert value is None or measured == pytest.approx(value, rel=0.25)


def test_thresholds_are_those_of_the_recipe_and_null_is_off() -> None:
    assert judged({"gopher_quality": {"min_doc_words": 3}}, "that cat to mat")[0][0] is None
    assert judged({"gopher_quality": {"min_doc_words": None}}, "that cat to")[0][0] is None
    assert judged({"fineweb": {"line_punct_thr": 0.5}}, GOOD + "\nand one\nand two\n")[0] == (
        "fineweb.line_punct_thr",
        1 / 3,
    )
    exclude = {"line_punct_thr": 0.5, "line_punct_exclude_zero": True, "short_line_thr": None}
    assert judged({"fineweb": exclude}, "no full stop at the end of this line of text")[0][0] is None
    assert judged({"fineweb": {"short_line_thr": None}}, GOOD + f"\n{GOOD[-45:]}\n{GOOD[-45:]}")[0][0] == (
        "fineweb.char_duplicates_ratio"
    )


def test_rules_of_some_sources_leave_others_alone() -> None:
    options = {"gopher_quality": {"sources": ["a"]}}
    found = judged(options, "Short.", "Short.", sources=["a", "b"])
    assert [rule for rule, _ in found] == ["gopher_quality.min_doc_words", None]


def test_languages_and_personal_data_are_judged() -> None:
    german = (
        "Der Hund lief schnell über die Straße und bellte den Postboten an, der gerade die Briefe brachte."
    )
    options = {"language": {"keep": ["en"]}, "pii": {"max_emails": 0}}
    found = judged(options, german, GOOD, "Write to me at someone@example.org about it, please.")
    assert [rule for rule, _ in found] == ["language.keep", None, "pii.max_emails"]
    assert judged({"language": {"keep": ["en"], "min_score": 1.0}}, "ok")[0][0] is not None


def test_a_signal_that_is_null_breaks_no_rule() -> None:
    nothing = {field.name: np.array([np.nan]) for field in documents.SIGNALS}
    nothing |= {"url": np.array([None], object), "language": np.array([None], object)}
    options = EVERYTHING | {"language": {"keep": ["en"]}, "pii": {"max_emails": 0}}
    found = judge(Filter.model_validate(options), np.array(["s"], object), nothing)
    assert (found.first.tolist(), found.broken) == ([None], [[]])


def test_the_table_has_a_column_for_every_signal() -> None:
    fields = [name for group in signals.FIELDS.values() for name in group]
    assert [field.name for field in documents.SIGNALS] == [
        *["n_lines", *fields, "url"],
        *["contaminated_words", "contaminated_by"],
    ]
    assert {*signals.FIELDS, "url"} == set(GROUPS)
    [row] = signals.measure([GOOD], list(signals.FIELDS))
    assert set(row) == set(fields)
    pa.array([row | {"n_lines": 1}], documents.SIGNALS)
