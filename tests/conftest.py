from pathlib import Path

import pytest
from hypothesis import settings
from small_corpus import RECIPE, corpusmill, make_inputs

from corpusmill import recipe
from corpusmill.recipe import Recipe

# Machines differ: no test may fail for being slow.
settings.register_profile("corpusmill", deadline=None, max_examples=200)
settings.load_profile("corpusmill")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Compressed bytes hold the time: they would give a test another name in each of pytest's processes."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small corpus."""
    folder = tmp_path_factory.mktemp("inputs")
    make_inputs(folder)
    return folder


@pytest.fixture(scope="session")
def recipe_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recipe of the small corpus."""
    path = tmp_path_factory.mktemp("recipe") / "recipe.yaml"
    path.write_text(RECIPE)
    return path


@pytest.fixture(scope="session")
def loaded(recipe_file: Path) -> Recipe:
    """The same, loaded."""
    return recipe.load(recipe_file)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, inputs: Path, recipe_file: Path) -> Path:
    """A run folder in which the corpus has been made, once for all tests. They must not change it."""
    run = tmp_path_factory.mktemp("finished") / "run"
    corpusmill("corpus", recipe_file, inputs, run, "--workers", "2")
    return run
