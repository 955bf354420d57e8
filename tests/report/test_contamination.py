from pathlib import Path

from corpusmill.report import build, stats
from corpusmill.report.contamination import collect


def test_one_row_a_set_by_name(run: Path) -> None:
    rows = stats.collect(stats.open_run(run))["contamination"]
    assert [(row["set"], row["examples"], row["too_short"], row["found"]) for row in rows] == [
        ("quiz", 1200, 30, 12),
        ("riddles", 4, 0, 0),
    ]
    assert "key" not in rows[0]["samples"][0]
    assert stats.collect(stats.open_run(run))["headline"]["inputs"]["files"] == 13  # the 14th is of the quiz
    assert collect({}) is None
    assert collect({"contamination": None}) is None


def test_the_page_shows_what_was_found_and_where(run: Path, tmp_path: Path) -> None:
    build(run, tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert 'href="#contamination"' in page
    assert "searched for 13 consecutive words" in page
    assert "cut out with 200 characters on either side" in page
    assert '<td class="n">1,200</td><td class="n">30</td><td class="n">12</td><td class="n">1.0%</td>' in page
    assert 'they ask\n\\x00<mark class="removed">What is &lt;the&gt; river</mark> of course' in page
    assert "<code>record t3_5</code> has words of <code>quiz.jsonl, record 17</code>" in page
    assert "riddles: where" not in page
