"""The command line: what it takes, what it refuses, and what `check` and the verbs' ends tell a newcomer."""

import json
from pathlib import Path

import pytest

from corpusmill import cli
from corpusmill.errors import CorpusmillError
from corpusmill.pipeline.engine import refuse_unknown

GOOD = "It was the best of times, and it was the worst of times, that is what the book has to say of it."


@pytest.fixture
def mine(tmp_path: Path) -> list[str]:
    """Arguments of a recipe of two fields over ten records, of which four have no body."""
    records = [{"id": n, "subject": f"null {n}", "body": {"text": f"{GOOD} ({n})"}} for n in range(10)]
    for record in records[::3]:
        record["body"] = None
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    _write(tmp_path, "[subject, body.text]")
    return ["--recipe", str(tmp_path / "r.yaml"), "--inputs", str(tmp_path)]


def _write(folder: Path, text: str, family: str = "jsonl", files: str = "a.jsonl", more: str = "") -> None:
    fields = f", fields: {{text: {text}}}" if text else ""
    source = f"{{name: tickets, family: {family}, files: ['{files}']{fields}{more}}}"
    (folder / "r.yaml").write_text(f"sources: [{source}]\n")


def test_a_recipe_is_given_either_way_and_not_both(
    mine: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", *mine]) == 0
    option = capsys.readouterr().out
    assert cli.main(["check", *mine[1:]]) == 0
    assert capsys.readouterr().out == option
    for verb in ("check", "corpus", "train"):
        more = [] if verb == "check" else ["--run", "x"]
        for wrong in ([*mine, mine[1]], mine[2:]):
            with pytest.raises(SystemExit) as ended:
                cli.main([verb, *wrong, *more])
            assert ended.value.code == 2


def test_check_shows_a_document_as_it_would_be_and_the_fields_that_are_there(
    mine: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", *mine]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert "tickets: a.jsonl, record 2" in told.out
    assert "null 1" in told.out
    assert "It was the best of times" in told.out
    assert "tickets: the fields are body, body.text, id, subject" in told.out
    assert (
        "4 of the first 10 records rejected (missing_field 4), as a.jsonl, record 1: body.text is" in told.out
    )


def test_a_misspelt_field_is_a_problem_that_names_what_is_there(
    mine: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(tmp_path, "[subjekt]")
    assert cli.main(["check", *mine]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line == (
        "corpusmill check: tickets: all of the first 10 records are rejects (missing_field 10), as a.jsonl, "
        "record 1: subjekt is missing; there are: body, id, subject"
    )
    assert cli.main(["corpus", *mine, "--run", str(tmp_path / "run")]) == 1
    assert "all of the first 10 records are rejects" in capsys.readouterr().err
    assert not (tmp_path / "run" / "documents").exists()


def test_a_bad_beginning_does_not_condemn_a_source_and_a_blank_line_does_not_save_one(
    mine: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = json.dumps({"text": GOOD})
    (tmp_path / "a.jsonl").write_text('{"text": null}\n' * 1_000 + f"{good}\n" * 3)
    _write(tmp_path, "text")
    assert cli.main(["check", *mine]) == 0
    (tmp_path / "a.jsonl").write_text("\n" + '{"texte": "x"}\n' * 20 + "\n")
    assert cli.main(["check", *mine]) == 1
    assert "all of the first 20 records are rejects" in capsys.readouterr().err


def test_files_that_a_run_accepts_are_no_problem_of_check(
    mine: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "b.jsonl").write_bytes(b"")
    (tmp_path / "c.jsonl.gz").write_bytes(b"plain text")
    _write(tmp_path, "[subject, body.text]", files="*.jsonl*")
    assert cli.main(["check", *mine, "--files"]) == 0
    told = capsys.readouterr()
    assert told.err.splitlines() == [
        "corpusmill check: note: b.jsonl: empty",
        "corpusmill check: note: c.jsonl.gz: named as gzip data, but it is plain data: a reject; rename it",
    ]
    assert [line for line in told.out.splitlines() if line.endswith((".jsonl", ".gz"))] == [
        "a.jsonl",
        "b.jsonl",
        "c.jsonl.gz",
    ]


def test_pages_among_texts_are_refused_until_the_recipe_says_what_to_do(
    mine: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.html").write_text(f"<!DOCTYPE html><html><body><p>{GOOD}</p></body></html>")
    _write(tmp_path, "", "text", "*.html")
    assert cli.main(["check", *mine]) == 1
    assert "tickets: a file is an HTML page (p.html); say `extractor: trafilatura`" in capsys.readouterr().err
    for extractor, begins in (("resiliparse", GOOD[:40]), ("none", "<!DOCTYPE html>")):
        _write(tmp_path, "", "text", "*.html", f", extractor: {extractor}")
        assert cli.main(["check", *mine]) == 0
        assert begins in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--runer=SparkRunner", "--runer=SparkRunner: Beam has no such option; --runner is probably meant"),
        ("--no_such_thing", "--no_such_thing: Beam has no such option"),
        ("SparkRunner", "SparkRunner: Beam has no such option"),
        ("--direct_num_workers=many", "Beam's options: argument --direct_num_workers: invalid int value"),
    ],
)
def test_options_that_beam_does_not_know_are_refused(
    mine: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, message: str
) -> None:
    assert cli.main(["corpus", *mine, "--run", str(tmp_path / "run"), "--", option]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"corpusmill corpus: {message}")
    assert not (tmp_path / "run").exists()


def test_options_that_beam_knows_are_not() -> None:
    refuse_unknown(
        ["--runner=SparkRunner", "--spark_master_url=local[4]", "--job_endpoint", "localhost:8099"]
    )
    with pytest.raises(CorpusmillError):
        refuse_unknown(["--spark_master=local[4]"])
