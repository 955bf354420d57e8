"""A raw input file: where it lies, how it is opened, and whether it is still what was listed."""

import contextlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Self, cast

import fsspec

from corpusmill.errors import CorpusmillError
from corpusmill.manifest import Input
from corpusmill.sources.streams import HashingFile


@dataclass(frozen=True, kw_only=True)
class Dump:
    """An input file of the recipe's source, or evaluation set, number `entry`. `path` is relative to the
    inputs folder (or the URL that the recipe gives), `url` is where it lies now."""

    entry: int
    path: str
    url: str
    size: int
    mark: str

    def open(self) -> "NamedFile":
        """The raw bytes; `CorpusmillError` if they cannot be had."""
        # A local name may hold what means something in a URL.
        with naming(self.path):
            if "://" in self.url:
                return NamedFile(self.path, _open_remote(self.url))
            return NamedFile(self.path, io.FileIO(self.url))

    def must_be_unchanged(self, read: int) -> None:
        """`CorpusmillError` if the file, of which `read` bytes were read, is not the one that was listed."""
        with naming(self.path):
            if "://" in self.url:
                filesystem, path = open_root(self.url)
                mark = remote_mark(filesystem, path, filesystem.info(path))
            else:
                mark = local_mark(os.stat(self.url))
        if read != self.size or mark != self.mark:
            raise CorpusmillError(f"{self.path}: changed while it was read; run again when it is complete")


@contextlib.contextmanager
def opened(dump: Dump, read: list[Input]) -> Iterator[HashingFile]:
    """The bytes of a file; afterwards `read` has one more entry, with the hash of the whole file.

    `CorpusmillError` if the file is no longer the one that was listed.
    """
    with dump.open() as raw:
        hashing = HashingFile(raw)
        yield hashing
        sha256 = hashing.finish()
        dump.must_be_unchanged(hashing.size)
        read.append(Input(path=dump.path, size=dump.size, sha256=sha256))


def _open_remote(url: str) -> BinaryIO:
    """A file at a URL, from which any bytes can be read. One of a web server that gives whole files only is
    downloaded first, into a temporary file without a name."""
    file = fsspec.open(url, "rb").open()
    if not url.startswith(("http://", "https://")):
        return cast(BinaryIO, file)
    try:
        file.seek(1)
        file.read(1)
        file.seek(0)
        return cast(BinaryIO, file)
    except ValueError:  # what fsspec raises where ranges are not supported
        file.close()
    whole = tempfile.TemporaryFile()  # noqa: SIM115  (who reads it closes it)
    with fsspec.open(url, "rb", block_size=0) as stream:
        shutil.copyfileobj(stream, whole, 1 << 20)
    whole.seek(0)
    return cast(BinaryIO, whole)


@contextlib.contextmanager
def naming(path: str) -> Iterator[None]:
    """Whatever a filesystem raises, as a `CorpusmillError` that names the file."""
    try:
        yield
    except CorpusmillError:
        raise
    except Exception as error:  # every remote filesystem has exceptions of its own
        raise CorpusmillError(f"{path}: cannot be read: {_in_words(error)}") from error


_EXTRAS = {"s3fs": "s3", "gcsfs": "gcs", "adlfs": "azure", "huggingface_hub": "hf"}


def _in_words(error: Exception) -> str:
    said = " ".join(str(error).split())
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, ImportError):
        extra = next((extra for package, extra in _EXTRAS.items() if package in said), None)
        if extra:
            return f"what reads such addresses is not installed; pip install 'corpusmill[{extra}]'"
    if isinstance(error, ValueError) and said.startswith("Protocol not known"):
        return "no kind of address that is known"
    return f"{type(error).__name__}: {said}"


class NamedFile:
    """The bytes of an input file; its errors are `CorpusmillError`s that name it."""

    def __init__(self, path: str, file: BinaryIO) -> None:
        self._path = path
        self._file = file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, size: int = -1, /) -> bytes:
        with naming(self._path):
            return self._file.read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        with naming(self._path):
            return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def local_mark(status: os.stat_result) -> str:
    """What changes when a local file does. How its path is spelled, and through which links it is reached, is
    no part of it."""
    return f"{status.st_ino} {status.st_mtime_ns}"


def remote_mark(filesystem: fsspec.AbstractFileSystem, path: str, info: Mapping[str, Any]) -> str:
    """What changes when a file elsewhere does, as far as can be told without reading it."""
    validators = [str(info[name]) for name in ("ETag", "Last-Modified") if info.get(name)]
    return " ".join(validators) or str(filesystem.ukey(path))


def open_root(place: str) -> tuple[fsspec.AbstractFileSystem, str]:
    """The filesystem of a folder or URL, and its path there."""
    if "://" in place:
        filesystem, root = fsspec.core.url_to_fs(place)
    else:  # any name is allowed, also one that would mean something in a URL
        filesystem, root = fsspec.filesystem("file"), os.path.abspath(place)
    return filesystem, root.rstrip("/") or "/"
