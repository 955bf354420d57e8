"""WARC of one's own."""

import importlib.util
import io
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from archives_of_pages import answer, members, record, response

from corpusmill import entries, sources
from corpusmill.sources import Record, Reject, Removal, WarcSource

SENTENCE = b"The council met on Tuesday to talk about the bridge, and nothing was decided. "
ARTICLE = b"<html><head><title>The bridge</title></head><body><article><p>%b</p></article></body></html>" % (
    SENTENCE * 6
)


def source(**fields: Any) -> WarcSource:
    return WarcSource(entries.Warc.model_validate({"family": "warc", "name": "w", "files": ["*"], **fields}))


def read(content: bytes, **fields: Any) -> list[Any]:
    return list(sources.read(source(**fields), "a.warc.gz", io.BytesIO(content)))


@pytest.mark.parametrize("extractor", ["trafilatura", "resiliparse"])
def test_pages_and_wet_texts_are_documents(extractor: str) -> None:
    content = members(
        [record("warcinfo", b""), response(ARTICLE), record("conversion", b"Some plain text\n")]
    )
    _, page, text = read(content, extractor=extractor)
    assert isinstance(page, Record)
    assert (page.record, page.source, page.text.split()) == ("2", "w", (SENTENCE * 6).decode().split())
    known = {"url": "http://example.com/", "date": "2020-01-02T03:04:05Z"}
    assert page.meta == {**known, "title": "The bridge"}
    assert text == Record(record="3", source="w", text="Some plain text\n", meta=known)


def test_a_page_without_an_article_is_removed() -> None:
    empty = b"<html><body></body></html>"
    assert read(members([response(empty)])) == [Removal(source="w", reason="no_article", bytes=len(empty))]


def test_a_page_that_the_crawler_cut_says_so() -> None:
    block = answer(ARTICLE, {"Content-Length": "99999"})
    [cut] = read(members([record("response", block, WARC_Truncated="length")]))
    assert cut.meta["truncated"] == "length"


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (answer(ARTICLE, {"Content-Length": "99999"}), "bad_payload"),
        (answer(b"<p>" + b"x" * (17 << 20)), "beyond_limit"),
        (answer(b"\x80", {"Content-Encoding": "br"}), "bad_payload"),
    ],
)
def test_a_page_that_cannot_be_used_is_a_reject_under_its_number(block: bytes, reason: str) -> None:
    _, reject, last = read(members([response(ARTICLE), record("response", block), response(ARTICLE)]))
    assert isinstance(reject, Reject)
    assert (reject.record, reject.reason) == ("2", reason)
    assert last.record == "3"


@pytest.mark.parametrize(("text", "reason"), [(b" \n", "empty"), (b"a\0b", "binary")])
def test_a_wet_text_that_cannot_be_used_is_a_reject(text: bytes, reason: str) -> None:
    [reject] = read(members([record("conversion", text)]))
    assert (reject.record, reject.reason, reject.bytes) == ("1", reason, len(text))


def extractors() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "extractors.py"
    spec = importlib.util.spec_from_file_location("benchmark_extractors", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_metric_is_the_mean_over_pages_of_shingles_found() -> None:
    benchmark = extractors()
    shares: Callable[[str, str], tuple[float, float, float]] = benchmark.shares
    assert shares("a b c d e", "a b c d e") == (1, 0, 0)
    assert shares("a b c d e", "a, b c d") == (0.5, 0, 0.5)
    assert shares("a b c d", "a b c d e f") == (1 / 3, 2 / 3, 0)
    assert shares("", "") == (0, 0, 0)
    assert benchmark.scores([(1, 0, 0), (0.25, 0.75, 0), (0, 0, 1)]) == (
        0.625,
        2 / 3,
        pytest.approx(0.64516, abs=1e-5),
    )


def test_the_default_extractor_reaches_an_f1_of_95_on_pages_with_gold_text(samples: Path) -> None:
    (_, _, f1), _ = extractors().measured(samples, entries.Warc.model_fields["extractor"].default)
    assert f1 >= 0.95


def test_real_pages_of_every_encoding_become_text(samples: Path) -> None:
    for name, documents in (("resiliparse_clueweb-quirk.warc.gz", 29), ("aut-example.warc.gz", 93)):
        with (samples / "warc" / name).open("rb") as raw:
            items = list(sources.read(source(extractor="resiliparse"), name, raw))
        assert sum(isinstance(item, Record) for item in items) == documents
        assert not any(isinstance(item, Reject) for item in items)
