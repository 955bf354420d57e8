"""The layers of the design: who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "corpusmill"
MODULES = sorted(PACKAGE.rglob("*.py"))
GROUND = {"documents", "manifest", "ledger", "recipe", "entries", "evaluation", "filters", "errors"}
GROUND |= {"processes", "recipe_problems", "recipe_text", "runs"}
LIBRARIES = {"sources", "clean", "dedup", "tokenize", "report"}
ALLOWED = {
    **dict.fromkeys(GROUND, GROUND),
    **{each: {each} | GROUND for each in LIBRARIES},
    "pipeline": {"pipeline"} | LIBRARIES | GROUND,
    "train": {"train", "tokenize.shards"} | GROUND,
    "demo": {"demo", "tokenize.shards"} | GROUND,
    "verbs": {"pipeline", "train", "demo"} | GROUND,
    "cli": {"verbs", "pipeline"} | GROUND,
}


def imported(module: Path) -> set[str]:
    """Every module that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(module: Path) -> None:
    part = module.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if part == "__init__":
        part = "errors"  # imports nothing
    for name in imported(module):
        if name.startswith("corpusmill.") and name != "corpusmill.__version__":
            inside = name.removeprefix("corpusmill.")
            assert any(inside == may or inside.startswith(f"{may}.") for may in ALLOWED[part]), name


@pytest.mark.parametrize(("library", "owner"), [("apache_beam", "pipeline"), ("torch", "train")])
def test_engine_and_torch_have_one_owner(library: str, owner: str) -> None:
    users = {
        module.relative_to(PACKAGE).parts[0]
        for module in MODULES
        if any(name == library or name.startswith(f"{library}.") for name in imported(module))
    }
    assert users == {owner}


def test_what_pool_children_load_has_no_engine() -> None:
    stages = "comments, dedup, ingest, report, resolution, run, tokenize, verification"
    heavy = ("apache_beam", "torch", "matplotlib")
    code = f"import sys\nfrom corpusmill.pipeline import {stages}\nprint(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert not [name for name in loaded.stdout.split() if name.startswith(heavy)]


def test_the_standard_library_s_tokenize_is_not_shadowed() -> None:
    root = PACKAGE.parent
    code = "import tokenize; print(tokenize.__file__)"
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert not Path(found.stdout.strip()).is_relative_to(root / "corpusmill")
