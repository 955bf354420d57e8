import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill import documents, ledger, manifest, recipe
from corpusmill.report import build, stats, wording


class Page(HTMLParser):
    """Every attribute and the visible text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.shown: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.shown.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.shown).split())


def built(run: Path, folder: Path) -> tuple[list[str], str]:
    folder.mkdir()
    problems = build(run, folder)
    assert sorted(path.name for path in folder.iterdir()) == ["index.html", "stats.json"]
    return problems, (folder / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(run: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    problems, text = built(run, tmp_path_factory.mktemp("page") / "report")
    assert problems == []
    return text


def test_equal_runs_in_other_folders_give_equal_reports(
    run: Path, page: str, new_run: Callable[..., Path], tmp_path: Path
) -> None:
    _, again = built(new_run("elsewhere"), tmp_path / "report")
    assert again == page
    _, other = built(new_run("other", seed=2), tmp_path / "another")
    assert other != page


def test_the_page_asks_for_nothing_from_outside(page: str) -> None:
    parsed = Page(page)
    assert "script" not in parsed.tags
    asked = [
        value or "" for name, value in parsed.attributes if name in ("src", "href", "xlink:href", "srcset")
    ]
    assert all(value.startswith(("#", "data:")) or value == "stats.json" for value in asked)
    assert not re.search(r"@import|url\(\s*['\"]?(?!#)", page)
    assert set(re.findall(r"https?://[^\s\"<]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_element_ids_are_unique(page: str) -> None:
    ids = Counter(value for name, value in Page(page).attributes if name == "id")
    assert [name for name, n in ids.items() if n > 1] == []


def test_a_ledger_that_does_not_balance_is_returned_and_said_in_red(
    new_run: Callable[..., Path], tmp_path: Path
) -> None:
    run = new_run("run")
    rows = pq.read_table(run / "ledger.parquet").to_pylist()
    next(row for row in rows if row["stage"] == "dedup" and row["action"] == "kept")["records"] += 1
    table = pa.Table.from_pylist(rows, schema=ledger.SCHEMA)
    ledger.write(table, run / "ledger.parquet")
    problems, text = built(run, tmp_path / "report")
    assert problems == ledger.imbalances(table)
    assert len(problems) == 1
    assert text.index('class="alert"') < text.index("<main>")
    assert problems[0] in Page(text).text
    assert re.search(r"\.alert h2 \{[^}]*color: var\(--bad\)", text)


def test_the_page_says_what_happened_and_where_it_deviates_from_opt(page: str) -> None:
    text = Page(page).text
    for said in (
        "balances",
        "OPT removed duplicates before it cleaned the texts",
        "reddit/RC_2006-01.zst, record 17",
        "unexpected end of data",
        "9 bands of 14 rows",
        "200 steps",
        manifest.identity({"stage": "dedup"}),
    ):
        assert said in text


def test_duplicates_of_the_same_words_are_named_in_the_numbers_plots_and_cells(page: str) -> None:
    assert re.search(r"13 exact, 17 near, 3 words, ", page)
    assert wording.KINDS["words"] in page
    assert re.search(r'title="[^"]*\b3 words"', page)


def test_records_are_shown_as_text(page: str) -> None:
    assert "<b>cut off & bro" not in page
    assert '{"author":"someone","body":"<b>cut off & bro' in Page(page).text


def test_every_number_file_key_is_explained(page: str, run: Path, tmp_path: Path) -> None:
    build(run, tmp_path)
    numbers = json.loads((tmp_path / "stats.json").read_text(encoding="utf-8"))
    assert list(numbers) == sorted(stats.KEYS)
    text = Page(page).text
    for key, words in stats.KEYS.items():
        assert f"{key} {words}" in text


def test_a_run_that_has_only_been_ingested_has_a_page(new_run: Callable[..., Path], tmp_path: Path) -> None:
    run = new_run("run")
    rows = [row for row in pq.read_table(run / "ledger.parquet").to_pylist() if row["stage"] == "ingest"]
    ledger.write(pa.Table.from_pylist(rows, schema=ledger.SCHEMA), run / "ledger.parquet")
    for folder in ("duplicates", "tokens", "model"):
        shutil.rmtree(run / folder)
    for stage in ("dedup", "tokenize"):
        manifest.manifest_path(run, stage).unlink()
    problems, text = built(run, tmp_path / "report")
    assert problems == []
    assert "The stage dedup has not run" in Page(text).text
    assert "The stage tokenize has not run" in Page(text).text


def test_a_run_of_nothing_has_a_page(tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "documents").mkdir(parents=True)
    documents.write_table(documents.SCHEMA.empty_table(), run / "documents" / documents.shard_name(0))
    made = manifest.Manifest(stage="ingest", identity="0" * 16, parameters={})
    manifest.manifest_path(run, "ingest").parent.mkdir()
    manifest.manifest_path(run, "ingest").write_text(manifest.to_json(made))
    ledger.write(ledger.table([]), run / "ledger.parquet")
    source = {"name": "books", "family": "books", "layout": "plain", "files": ["*.txt"]}
    (run / "recipe.yaml").write_text(recipe.Recipe.model_validate({"sources": [source]}).dump())
    problems, text = built(run, tmp_path / "report")
    assert problems == []
    assert "No records came in" in Page(text).text


def test_importing_the_report_loads_no_plotting_library() -> None:
    code = "import sys, corpusmill.report; sys.exit('matplotlib' in sys.modules or 'jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
