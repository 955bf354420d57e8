"""`corpusmill check`: what a recipe resolves to."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

RECIPE = """
sources:
  - {name: books, family: books, layout: gutenberg, files: ["books/*.txt"]}
  - {name: mine, family: jsonl, files: ["*.jsonl", "more/*.gz"]}
"""


def check(recipe: Path, inputs: Path) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "corpusmill.cli", "check", str(recipe), "--inputs", str(inputs)]
    return subprocess.run(program, capture_output=True, text=True, timeout=60)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    for folder in ("books", "more"):
        (tmp_path / folder).mkdir()
    line = b'{"text": "a line", "q": "a question"}'
    for name, content in (("books/a.txt", b"text"), ("books/b.txt", b"t" * 2_000), ("x.jsonl", line)):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "more" / "y.jsonl.gz").write_bytes(gzip.compress(b'{"text": "another"}'))
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    return tmp_path


def test_a_good_recipe_is_shown_with_files_sizes_and_rules(inputs: Path) -> None:
    done = check(inputs / "recipe.yaml", inputs)
    assert (done.returncode, done.stderr) == (0, "")
    shown = " ".join(done.stdout.split())
    assert "books gutenberg 2 2.0 kB" in shown
    assert "gutenberg_header" in shown
    assert "mine" in shown
    assert "4 2.1 kB" in shown, "the totals"


def test_evaluation_sets_are_shown_and_looked_for(inputs: Path) -> None:
    sets = "decontaminate: {sets: [{name: quiz, files: [%s], fields: [q]}]}\n"
    (inputs / "recipe.yaml").write_text(RECIPE + sets % "x.jsonl")
    done = check(inputs / "recipe.yaml", inputs)
    assert (done.returncode, done.stderr) == (0, "")
    assert "quiz evaluation set 1 37 bytes" in " ".join(done.stdout.split())
    (inputs / "recipe.yaml").write_text(RECIPE + sets % "z.jsonl")
    done = check(inputs / "recipe.yaml", inputs)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"no file under {inputs} matches quiz: z.jsonl" in done.stderr


def test_every_problem_is_one_line(inputs: Path) -> None:
    (inputs / "more" / "y.jsonl.gz").write_bytes(b"plain text")
    text = RECIPE.replace('"books/*.txt"', '"bokks/*.txt"') + "tokenize: {vocabulary: nowhere}\n"
    (inputs / "recipe.yaml").write_text(text.replace("family: jsonl,", "family: jsonl, rules: [ftfi],"))
    done = check(inputs / "recipe.yaml", inputs)
    assert done.returncode == 1
    problems = done.stderr.splitlines()
    assert len(problems) == 4
    assert all(line.startswith("corpusmill check: ") for line in problems)
    assert any(f"no file under {inputs} matches books: bokks/*.txt" in line for line in problems)
    assert any("nowhere" in line for line in problems)
    assert any("mine: cleaning rules: ['ftfi'] do not exist" in line for line in problems)
    assert any("more/y.jsonl.gz: named as gzip data, but it is plain data" in line for line in problems)


def test_a_language_that_is_not_known_is_refused(inputs: Path) -> None:
    (inputs / "recipe.yaml").write_text(
        RECIPE.replace("family: jsonl,", "family: jsonl, languages: [english],")
    )
    done = check(inputs / "recipe.yaml", inputs)
    assert done.returncode == 1
    assert "mine: languages: ['english'] are not known; the codes are ace af am" in done.stderr
    assert len(done.stderr.splitlines()) == 1
