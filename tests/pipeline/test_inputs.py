"""What a run takes for its inputs: not its own folder, one spelling of each path, and nothing unreadable."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_corpus import contents, corpusmill, rows_of

from corpusmill import cli
from corpusmill.errors import CorpusmillError
from corpusmill.pipeline.listing import find
from corpusmill.pipeline.lock import locked
from corpusmill.recipe import Recipe, load
from corpusmill.runs import is_run

TEXTS = ["A mill stood by the river for a hundred years.", "The lake behind it was deep and cold in summer."]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of inputs of one Parquet file and one of JSON lines."""
    folder = tmp_path / "data"
    folder.mkdir()
    pq.write_table(pa.table({"text": TEXTS}), folder / "a.parquet")
    (folder / "b.jsonl").write_text(
        "".join(json.dumps({"text": f"{text} So it was."}) + "\n" for text in TEXTS)
    )
    return folder


@pytest.fixture
def recipe(tmp_path: Path) -> Callable[..., Path]:
    """Writes a recipe of one source of its own."""

    def write(family: str, *files: str, more: str = "") -> Path:
        path = tmp_path / "recipe.yaml"
        path.write_text(f"sources:\n  - {{name: mine, family: {family}, files: {json.dumps(files)}}}\n{more}")
        return path

    return write


@pytest.mark.parametrize("way", ["inside", "link"])
def test_a_run_inside_its_inputs_is_done_once_and_left_alone(
    data: Path, recipe: Callable[..., Path], tmp_path: Path, way: str
) -> None:
    run = data / "run" if way == "inside" else tmp_path / "elsewhere"
    verb = "corpus" if way == "inside" else "ingest"
    if way == "link":
        (data / "results").symlink_to(run)
    sets = "decontaminate: {sets: [{name: quiz, files: ['**/*.parquet'], fields: [text]}], remove: nothing}\n"
    mine = recipe("parquet", "**/*.parquet", more=sets)
    corpusmill(verb, mine, data, run)
    assert [row["text"] for row in rows_of(run, "documents")] == TEXTS
    before = contents(run)
    stamps = {path: path.stat().st_mtime_ns for path in (run / "documents").iterdir()}
    for _ in range(2):
        again = corpusmill(verb, mine, data, run)
        assert "the folder of a run, which is never an input; left out" in again.stderr
        assert "ingest." not in again.stderr, "nothing is done again"
        assert contents(run) == before
        assert {path: path.stat().st_mtime_ns for path in (run / "documents").iterdir()} == stamps
    only = recipe("parquet", "run/**/*.parquet", "results/*/*.parquet")
    refused = corpusmill("corpus", only, data, run, fails=True)
    assert "no file under" in refused.stderr
    assert "never an input" in refused.stderr
    assert contents(run) == before


def test_another_run_s_folder_is_no_input_either(
    data: Path, recipe: Callable[..., Path], tmp_path: Path
) -> None:
    mine = recipe("parquet", "**/*.parquet")
    corpusmill("ingest", mine, data, data / "first")
    corpusmill("ingest", mine, data, data / "second")
    assert contents(data / "first") == contents(data / "second")


def test_a_copy_of_a_run_that_lost_its_lock_is_none(data: Path, recipe: Callable[..., Path]) -> None:
    mine = recipe("parquet", "**/*.parquet")
    corpusmill("ingest", mine, data, data / "first")
    (data / "first" / ".lock").unlink()
    [dump] = find(load(mine), str(data))
    assert dump.path == "a.parquet"


@pytest.mark.parametrize("runner", ["Nope", "PortableRunner"])
def test_results_stay_where_the_engine_does_not_work(
    data: Path, recipe: Callable[..., Path], tmp_path: Path, runner: str
) -> None:
    run = tmp_path / "run"
    corpusmill("ingest", recipe("parquet", "*.parquet"), data, run)
    before = contents(run)
    other = recipe("jsonl", "*.jsonl")
    refused = corpusmill("ingest", other, data, run, "--", f"--runner={runner}", fails=True)
    assert f"--runner={runner}" in refused.stderr.splitlines()[-1]
    assert "Traceback" not in refused.stderr
    assert contents(run) == before


def test_a_limit_for_rejects_holds_for_what_was_read_before(
    data: Path, recipe: Callable[..., Path], tmp_path: Path
) -> None:
    (data / "b.jsonl").write_text((data / "b.jsonl").read_text() + "{broken\n")
    run = tmp_path / "run"
    mine = recipe("jsonl", "b.jsonl")
    corpusmill("ingest", mine, data, run)
    before = contents(run)
    mine.write_text(mine.read_text().replace("family:", "max_reject_ratio: 0.1, family:"))
    refused = corpusmill("ingest", mine, data, run, fails=True)
    assert "mine: 1 of 3 records are rejects, more than its max_reject_ratio of 0.1 allows" in refused.stderr
    assert contents(run) == before


def test_training_wants_what_the_recipe_would_make(
    data: Path, recipe: Callable[..., Path], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    corpusmill("corpus", recipe("parquet", "*.parquet"), data, run)
    told = (run / "recipe.yaml").read_text()
    refused = corpusmill("train", recipe("jsonl", "*.jsonl"), data, run, fails=True)
    assert "made by another recipe; run `corpusmill ingest` first" in refused.stderr
    assert (run / "recipe.yaml").read_text() == told


def test_a_file_by_two_names_and_fields_that_are_nowhere_are_told(
    data: Path, recipe: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "c.jsonl").symlink_to("b.jsonl")
    mine = recipe("jsonl", "*.jsonl")
    fields = "fields: {text: [text, titel], optional: [titel], meta: [idd]}, family:"
    mine.write_text(mine.read_text().replace("family:", fields))
    assert cli.main(["check", "--recipe", str(mine), "--inputs", str(data)]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "corpusmill check: note: mine: a file is reached by two names and read twice, as b.jsonl and c.jsonl",
        "corpusmill check: note: mine: titel is in none of the first 4 records; there are: text",
        "corpusmill check: note: mine: idd is in none of the first 4 records; there are: text",
    ]


def test_a_list_of_names_in_a_run_is_refused(data: Path, recipe: Callable[..., Path], tmp_path: Path) -> None:
    run = tmp_path / "run"
    corpusmill("ingest", recipe("parquet", "*.parquet"), data, run)
    (run / "report").mkdir()
    (run / "report" / "blocked.txt").write_text("example.org\n")
    blocked = recipe("parquet", "*.parquet", more="filter: {url: {block: run/report/blocked.txt}}\n")
    refused = corpusmill("ingest", blocked, data, run, fails=True)
    assert f"lies in {run}, the folder of a run, which is never an input" in refused.stderr


UNWORKABLE = {
    "a link to nothing": ("jsonl", "gone.jsonl", ""),
    "a pipe": ("jsonl", "p*.jsonl", ""),
    "no file": ("jsonl", "*.json", ""),
    "nothing but rejects": ("jsonl", "none.jsonl", ""),
    "a page": ("text", "*.html", ""),
    "encoded twice": ("jsonl", "twice.jsonl", ""),
    "a broken example": (
        "parquet",
        "*.parquet",
        "decontaminate: {sets: [{name: q, files: [q.jsonl], fields: [text]}]}\n",
    ),
    "no vocabulary": ("parquet", "*.parquet", "measure: [c4]\ntokenize: {vocabulary: nowhere}\n"),
    "no bands": ("parquet", "*.parquet", "measure: [c4]\ndedup: {permutations: 8, threshold: 0.4}\n"),
    "hardly a threshold": ("parquet", "*.parquet", "measure: [c4]\ndedup: {threshold: 0.000001}\n"),
}


def test_results_stay_until_the_new_inputs_are_known_to_be_readable(
    data: Path, recipe: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    corpusmill("ingest", recipe("parquet", "*.parquet"), data, run)
    before = contents(run)
    (data / "gone.jsonl").symlink_to("nothing")
    os.mkfifo(data / "pipe.jsonl")
    (data / "none.jsonl").write_text('{"texte": "x"}\n')
    (data / "page.html").write_text("<html><body>x</body></html>")
    twice = [json.dumps({"text": json.dumps(f"{text}\n{text}\n{n}")}) for n in range(9) for text in TEXTS]
    (data / "twice.jsonl").write_text("\n".join(twice))
    (data / "q.jsonl").write_text('{"text": "What is a mill?"}\n' * 500 + "{broken")
    for what, (family, files, more) in UNWORKABLE.items():
        arguments = ["--recipe", str(recipe(family, files, more=more)), "--inputs", str(data)]
        assert cli.main(["corpus", *arguments, "--run", str(run)]) == 1, what
        refused = capsys.readouterr().err.splitlines()
        assert refused, what
        assert all(line.startswith("corpusmill corpus: ") for line in refused), what
        assert contents(run) == before, what
        assert cli.main(["check", *arguments]) == 1, what
        said = {line.partition(": ")[2] for line in capsys.readouterr().err.splitlines()}
        assert {line.partition(": ")[2] for line in refused} <= said, "check says the same"


@pytest.mark.parametrize(
    "spelled",
    ["./b.jsonl", ".//b.jsonl", "sub/../b.jsonl", "./*.jsonl", "{data}/b.jsonl", "file://{data}/b.jsonl"],
)
def test_a_path_has_one_spelling(data: Path, spelled: str) -> None:
    files = [spelled.format(data=data)]
    made = Recipe.model_validate({"sources": [{"name": "mine", "family": "jsonl", "files": files}]})
    for inputs in (str(data), f"{data}/.", f"{data}//", os.path.relpath(data), f"file://{data}"):
        [dump] = find(made, inputs)
        assert dump.path == "b.jsonl"
        dump.must_be_unchanged(dump.size)


def test_a_run_knows_its_inputs_however_they_are_spelled(
    data: Path, recipe: Callable[..., Path], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    corpusmill("ingest", recipe("jsonl", ".//*.jsonl"), data, run)
    assert {row["origin"]["path"] for row in rows_of(run, "documents")} == {"b.jsonl"}
    for inputs, files in ((f"{data}/.", "b.jsonl"), (os.path.relpath(data), "sub/../*.jsonl")):
        again = corpusmill("ingest", recipe("jsonl", files), Path(inputs), run)
        assert "ingest." not in again.stderr, "nothing is done again"


def test_a_file_behind_two_links_is_the_one_that_was_listed(data: Path, recipe: Callable[..., Path]) -> None:
    (data / "c.jsonl").symlink_to("b.jsonl")
    made = Recipe.model_validate({"sources": [{"name": "mine", "family": "jsonl", "files": ["*.jsonl"]}]})
    listed = find(made, str(data))
    assert [dump.path for dump in listed] == ["b.jsonl", "c.jsonl"]
    assert listed[0].mark == listed[1].mark
    os.link(data / "b.jsonl", data / "d.jsonl")  # another name for it changes nothing
    for dump in listed:
        dump.must_be_unchanged(dump.size)


def test_a_lock_says_who_holds_it(tmp_path: Path) -> None:
    with locked(tmp_path / "run"):
        assert is_run(tmp_path / "run")
        holder = rf"another run is at work .*, process {os.getpid()} on "
        with pytest.raises(CorpusmillError, match=holder) as held:
            locked(tmp_path / "run").__enter__()
        assert str(held.value).endswith("; wait for it, or stop it")


def test_a_folder_that_merely_holds_a_recipe_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text("sources: []")
    (tmp_path / "documents").mkdir()
    with pytest.raises(CorpusmillError, match="holds files, but no run"):
        locked(tmp_path).__enter__()
