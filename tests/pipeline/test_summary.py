"""What every verb tells at its end: figures that agree with the tables, and what took much of a source."""

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from small_corpus import Text, corpusmill, rows_of

from corpusmill import recipe
from corpusmill.pipeline.summary import Summary, total

RECIPE = """
sources:
  - {name: tickets, family: jsonl, files: ["a.jsonl"], fields: {text: [subject, body]}}
  - {name: reddit, family: pushshift, files: ["RC_*"], drop: {url: true}}
  - {name: foreign, family: jsonl, files: ["f.jsonl"], languages: [en]}
filter:
  gopher_quality: {min_doc_words: 100, min_stop_words: null, sources: [tickets]}
"""
GERMAN = "Der alte Mann ging jeden Tag zum Hafen und sah den Schiffen zu, bis es dunkel wurde und er fror. "


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A run of sources of which much is lost in different ways, and what it printed."""
    folder = tmp_path_factory.mktemp("lossy")
    text = Text(3)
    rng = random.Random(4)
    tickets = [{"subject": text.words(3), "body": text.words(150)} for _ in range(20)]
    tickets += [{"subject": text.words(3), "body": text.words(40)} for _ in range(20)]
    tickets += [{"subject": text.words(3), "body": f"{text.words(120)} {'12 ' * 60}"} for _ in range(15)]
    tickets += tickets[:15]
    tickets += [{"subject": text.words(3)} for _ in range(30)]
    rng.shuffle(tickets)
    (folder / "a.jsonl").write_text("".join(json.dumps(each) + "\n" for each in tickets))
    comments = [
        {"id": f"c{n}", "link_id": f"t3_{n // 3}", "parent_id": f"t3_{n // 3}", "body": text.words(20)}
        for n in range(30)
    ]
    for comment in comments[::2]:
        comment["body"] += " see https://example.org/x"
    (folder / "RC_2010-01").write_text("".join(json.dumps(each) + "\n" for each in comments))
    foreign = [{"text": GERMAN * 3}] * 3 + [
        {"text": "The old man went to the harbour every day to see ships."}
    ]
    (folder / "f.jsonl").write_text("".join(json.dumps(each) + "\n" for each in foreign))
    (folder / "r.yaml").write_text(RECIPE)
    done = corpusmill("corpus", folder / "r.yaml", folder, folder / "run")
    return folder / "run", done.stdout


def _summary(run: Path) -> Summary:
    return Summary(run, recipe.load(run / "recipe.yaml"))


def test_the_figures_are_those_of_the_tables(run: tuple[Path, str]) -> None:
    folder, _ = run
    rows = {row.source: row for row in _summary(folder).rows()}
    assert list(rows) == ["tickets", "reddit", "foreign"], "in the order of preference"
    documents = Counter(row["source"] for row in rows_of(folder, "documents"))
    rejects = Counter(row["source"] for row in rows_of(folder, "rejects"))
    filtered = Counter(row["source"] for row in rows_of(folder, "filtered"))
    duplicates = Counter(row["removed_source"] for row in rows_of(folder, "duplicates"))
    for name, row in rows.items():
        assert (row.documents, row.rejected) == (documents[name], rejects[name])
        assert (row.filtered, row.duplicates) == (filtered[name], duplicates[name])
        assert row.kept == documents[name] - filtered[name] - duplicates[name]
    assert rows["tickets"].records == 100 == rows["tickets"].documents + rows["tickets"].rejected
    assert rows["reddit"].records == 30
    everything = total(list(rows.values()))
    assert everything.records == 134
    assert everything.tokens == sum(row.tokens or 0 for row in rows.values())


def test_what_takes_more_than_a_fifth_of_a_source_is_told_with_an_example_and_the_setting(
    run: tuple[Path, str],
) -> None:
    folder, printed = run
    told = _summary(folder).warnings()
    tickets = [line.removeprefix("tickets: ") for line in told if line.startswith("tickets: ")]
    assert tickets[0].startswith("missing_field took 30% of its records, as a.jsonl, record ")
    assert tickets[0].endswith(": body is missing; there are: subject")
    odd, short = (line for line in tickets if line.startswith("filter."))
    assert odd.startswith(
        "filter.gopher_quality.max_non_alpha_words_ratio took 21% of its documents, as a.json"
    )
    assert "alphabetic_word_ratio 0.6" in odd
    assert odd.endswith(" is below 0.8")
    assert short.startswith("filter.gopher_quality.min_doc_words took 29% of its documents, as a.jsonl")
    assert short.endswith(": text_words 43 is below 100")
    assert "reddit: url took 50% of its records (drop.url in the recipe)" in told
    assert "foreign: language took 75% of its records (languages in the recipe)" in told
    assert not any(" chain " in line for line in told), "a thread's other comments are no loss"
    for line in told:
        assert f"warning: {line}\n" in printed


def test_a_source_that_gives_nothing_has_a_line_and_a_warning(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "A line of words."}')
    (tmp_path / "e.jsonl").write_text("")
    sources = [f"{{name: '{name} [/x]', family: jsonl, files: [{name}.jsonl]}}" for name in "ae"]
    (tmp_path / "r.yaml").write_text(f"sources: [{', '.join(sources)}]")
    done = corpusmill("ingest", tmp_path / "r.yaml", tmp_path, tmp_path / "run")
    assert [row.records for row in _summary(tmp_path / "run").rows()] == [1, 0]
    assert "warning: e [/x]: no document came of it" in done.stdout
    assert " e [/x]" in done.stdout, "no markup"


def test_the_table_is_printed_with_a_line_a_source(run: tuple[Path, str]) -> None:
    _, printed = run
    lines = [line.split() for line in printed.splitlines()]
    assert [
        "source",
        "in",
        "rejected",
        "left",
        "out",
        "documents",
        "filtered",
        "duplicates",
        "kept",
        "tokens",
    ] in lines
    [tickets] = [line for line in lines if line[:1] == ["tickets"]]
    assert tickets[1:5] == ["100", "30", "-", "70"]
    assert any(line[:2] == ["all", "134"] for line in lines)
