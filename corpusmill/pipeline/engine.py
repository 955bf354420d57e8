"""Beam: one pipeline a step, over work items or over blocks of numbers that are grouped.

On one machine (the default, `FnApiRunner`) a single DoFn hands the items to the run's process pool; with
any other runner the same work runs under `Create | Reshuffle | ParDo`. What a pipeline produced is read
from the receipts, never from the pipeline, so retries and lost results cannot change anything.
"""

import contextlib
import difflib
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NoReturn

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions, _BeamArgumentParser

from corpusmill.errors import CorpusmillError
from corpusmill.pipeline import pool
from corpusmill.pipeline.items import Item, Sequel, Task

EMBEDDED = "FnApiRunner"
_ERRORS = "errors"
_POLL_SECONDS = 0.1

Blocks = Callable[[Item], list[tuple[int, bytes]]]
Groups = Callable[[int, list[bytes]], str | None]


def run_items(
    task: Task, items: Sequence[Item], beam_args: Sequence[str], at_once: int, sequel: Sequel | None = None
) -> None:
    """Do every item, the largest first; `CorpusmillError` with the first user error of an item.

    `at_once` bounds how many items the local pool works on at a time (memory, not cores). The items of a
    `sequel`, which only the local pool takes, are done beside them.
    """
    todo = sorted(items, key=lambda item: (-item.size, item.index))
    errors = _Errors(task.folder)
    if is_embedded(beam_args):
        pool.start()
    with _pipeline(beam_args) as pipeline:
        if is_embedded(beam_args):
            rows = (
                pipeline
                | beam.Create([todo], reshuffle=False)
                | beam.ParDo(_PoolDo(task, at_once, sequel)).with_output_types(str)
            )
        else:
            rows = (
                pipeline
                | beam.Create(todo)
                | beam.Reshuffle()
                | beam.ParDo(_ItemDo(task)).with_output_types(str)
            )
        rows | beam.Map(errors.write)
    errors.raise_first()


def run_grouped(
    blocks: Blocks, items: Sequence[Item], groups: Groups, folder: Path, beam_args: Sequence[str]
) -> None:
    """Group blocks of numbers by partition and hand each group to `groups(partition, blocks)`, which returns
    the text of a user error, if there is one; `CorpusmillError` with the first of them.

    The blocks of a group come in no particular order: a reducer must sort.
    """
    errors = _Errors(folder)
    with _pipeline(beam_args) as pipeline:
        created = pipeline | beam.Create(list(items), reshuffle=False)
        if not is_embedded(beam_args):
            created = created | beam.Reshuffle()
        (
            created
            | beam.FlatMap(blocks).with_output_types(tuple[int, bytes])
            | beam.GroupByKey()
            | beam.ParDo(_GroupDo(groups)).with_output_types(str)
            | beam.Map(errors.write)
        )
    errors.raise_first()


class _PoolDo(beam.DoFn):
    def __init__(self, task: Task, at_once: int, sequel: Sequel | None) -> None:
        self._task = task
        self._at_once = at_once
        self._sequel = sequel

    def process(self, items: list[Item]) -> Iterator[str]:
        """Yield the user error of an item, if there is one; the rest is then not begun."""
        executor = pool.current()
        sequel = self._sequel
        waiting = list(reversed(items))
        running: set[Future[str | None]] = set()
        beside: set[Future[str | None]] = set()
        try:
            while waiting or running or beside:
                while waiting and len(running) < self._at_once:
                    running.add(executor.submit(self._task, waiting.pop()))
                seconds = _POLL_SECONDS if sequel and running else None
                finished, _ = wait(running | beside, seconds, FIRST_COMPLETED)
                running -= finished
                beside -= finished
                if sequel:
                    beside |= {executor.submit(sequel.task, item) for item in sequel.finder.find()}
                for error in filter(None, (each.result() for each in finished)):
                    waiting.clear()
                    sequel = None
                    yield error
        except BrokenProcessPool:
            yield pool.DEAD_WORKER


class _ItemDo(beam.DoFn):
    def __init__(self, task: Task) -> None:
        self._task = task

    def process(self, item: Item) -> Iterator[str]:
        error = self._task(item)
        if error is not None:
            yield error


class _GroupDo(beam.DoFn):
    def __init__(self, groups: Groups) -> None:
        self._groups = groups

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[str]:
        partition, blocks = element
        error = self._groups(partition, list(blocks))
        if error is not None:
            yield error


class _Errors:
    """User errors of items, handed to the driver through the step's folder: on a cluster a raised error
    would be retried, and on every engine it would come back wrapped."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _ERRORS
        self._path.unlink(missing_ok=True)

    def write(self, error: str) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(error.replace("\n", " ") + "\n")

    def raise_first(self) -> None:
        if self._path.exists():
            raise CorpusmillError(min(self._path.read_text(encoding="utf-8").splitlines()))


@contextlib.contextmanager
def _pipeline(beam_args: Sequence[str]) -> Iterator[beam.Pipeline]:
    """A pipeline that runs when the context is left. Beam raises a Ctrl-C or a full disk as a RuntimeError;
    here it is what it was again."""
    try:
        pipeline = beam.Pipeline(options=_options(beam_args))
    except (ValueError, NotImplementedError) as error:
        why = " ".join(str(error).split())
        raise CorpusmillError(f"Beam refuses {' '.join(beam_args)}: {why}") from error
    try:
        with pipeline:
            yield pipeline
    except RuntimeError as error:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, KeyboardInterrupt | OSError):
                raise cause from None
            cause = cause.__cause__ or cause.__context__
        raise


def refuse_unknown(beam_args: Sequence[str]) -> None:
    """`CorpusmillError` for options that no part of Beam knows: Beam itself passes over them, and a run that
    was meant for a cluster would be done here."""
    parser = _Parser(allow_abbrev=False, add_help=False)
    for options in PipelineOptions.__subclasses__():
        options._add_argparse_args(parser)
    _, unknown = parser.parse_known_args(list(beam_args))
    names = sorted({name for action in parser._actions for name in action.option_strings})
    for each in unknown:
        name = each.partition("=")[0]
        close = difflib.get_close_matches(name, names, 1)
        meant = f"; {close[0]} is probably meant" if close else ""
        raise CorpusmillError(f"{each}: Beam has no such option{meant}")


@functools.lru_cache(maxsize=1)
def probe(beam_args: tuple[str, ...]) -> None:
    """`CorpusmillError` unless the engine that `beam_args` name does a pipeline of one element: asked before
    anything is deleted for what it is to make."""
    if is_embedded(beam_args):
        return
    try:
        with _pipeline(beam_args) as pipeline:
            pipeline | beam.Create([0]) | beam.Map(_nothing)
    except (CorpusmillError, KeyboardInterrupt):
        raise
    except Exception as error:  # every engine has exceptions of its own
        why = " ".join(f"{error}".split())
        raise CorpusmillError(f"Beam cannot work with {' '.join(beam_args)}: {why:.500}") from error


def _nothing(element: int) -> None:
    """What the probe does."""


class _Parser(_BeamArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise CorpusmillError(f"Beam's options: {message}")


def is_embedded(beam_args: Sequence[str]) -> bool:
    """Whether the work functions can reach the pool of this process."""
    given = _options(beam_args).get_all_options()
    runner, mode = given["runner"] or "", given["direct_running_mode"]
    return runner.rsplit(".", 1)[-1].lower() == EMBEDDED.lower() and mode in (None, "in_memory")


def _options(beam_args: Sequence[str]) -> PipelineOptions:
    # Without a runner Beam 2.77 tries to download one.
    default = [] if any(arg.split("=")[0] == "--runner" for arg in beam_args) else [f"--runner={EMBEDDED}"]
    # Workers import the installed package; the driver's main module is a script that needs no saving.
    return PipelineOptions([*default, "--no_save_main_session", *beam_args])
