from collections.abc import Callable
from pathlib import Path

import pytest

from corpusmill import manifest
from corpusmill.report import build, stats, threads


def test_threads_are_added_up_over_the_months(run: Path) -> None:
    [row] = stats.collect(stats.open_run(run))["threads"]
    assert (row["source"], row["threads"], row["comments"], row["kept"]) == ("reddit", 60, 152, 61)
    assert (row["bytes"], row["kept_bytes"]) == (10_008, 5_004)
    assert [month for month, *_ in row["months"]] == ["2005-12", "2006-01", "unknown"]
    assert row["depths"] == [[1, 10], [2, 30], [32, 20]], "in the order of numbers"
    assert row["chains"] == [[0, 1], [1, 39], [10, 20]]


def test_the_page_tells_the_reduction_overall_and_by_month(run: Path, tmp_path: Path) -> None:
    build(run, tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "reddit: 59.9% of comments are left out" in page
    assert 'href="#threads"' in page
    for month in ("2005-12", "2006-01", "unknown"):
        assert f'<th scope="row">{month}</th>' in page


@pytest.mark.parametrize("facts", [{}, {"threads": {}}, {"threads": {"r": {"threads": 0}}}])
def test_a_run_without_threads_has_no_section_on_them(
    facts: dict[str, object], new_run: Callable[..., Path], tmp_path: Path
) -> None:
    assert threads.collect(facts) is None
    run = new_run("run")
    found = manifest.read_manifest(manifest.manifest_path(run, "ingest"))
    assert found is not None
    found.facts.clear()
    manifest.manifest_path(run, "ingest").write_text(manifest.to_json(found), encoding="utf-8")
    build(run, tmp_path)
    assert "Reddit threads" not in (tmp_path / "index.html").read_text(encoding="utf-8")
