"""Raw files that arrive in odd sizes, and the real samples where this checkout has them beside it."""

import io
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from corpusmill.sources.raw import RawFile


class Trickle:
    """A file whose reads return fewer bytes than asked, in the given sizes over and over."""

    def __init__(self, data: bytes, sizes: Sequence[int]) -> None:
        self._file = io.BytesIO(data)
        self._sizes = itertools.cycle(sizes)

    def read(self, size: int = -1, /) -> bytes:
        given = next(self._sizes)
        return self._file.read(given if size < 0 else min(size, given))

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


@pytest.fixture(scope="session")
def trickle() -> Callable[[bytes, Sequence[int]], RawFile]:
    return Trickle


@pytest.fixture(scope="session")
def samples() -> Path:
    folder = Path(__file__).resolve().parents[2].parent / "shared" / "samples"
    if not folder.is_dir():
        pytest.skip("the real samples (a folder `shared` beside the checkout) are not here")
    return folder
