from pathlib import Path

import pytest

from corpusmill.demo import inputs


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's inputs."""
    folder = tmp_path_factory.mktemp("demo") / "inputs"
    inputs.make(folder)
    return folder
