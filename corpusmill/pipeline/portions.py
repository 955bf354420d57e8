"""How the input files are shared out: small ones in groups, huge ones in waves of files that are cut."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpusmill.pipeline.dumps import Dump

_LEAST_GROUP, _MOST_GROUP, _GROUPS = 1 << 20, 256 << 20, 64
_LEAST_HUGE = 16 << 20  # a smaller file is not worth cutting
_WAVE = 128 << 30  # bytes of dumps; their chunks take about as much room on disk


@dataclass(frozen=True, kw_only=True)
class Groups:
    """How the dumps are shared out: `small` are neighbouring files of one source, together about a 64th of
    all bytes (1 to 256 MB), a work item each; `waves` are the files larger than that, which are cut into
    chunks: all of a wave at a time, so that the chunks take bounded room."""

    small: list[tuple[Dump, ...]]
    waves: list[list[Dump]]


def group(dumps: Sequence[Dump]) -> Groups:
    """Share out the dumps. Depends on sizes and paths only."""
    target = min(max(sum(dump.size for dump in dumps) // _GROUPS, _LEAST_GROUP), _MOST_GROUP)
    huge = [dump for dump in dumps if dump.size > max(target, _LEAST_HUGE)]
    groups: list[list[Dump]] = []
    filled = 0
    for dump in dumps:
        if dump.size > max(target, _LEAST_HUGE):
            continue
        if not groups or groups[-1][-1].entry != dump.entry or filled + dump.size > target:
            groups.append([])
            filled = 0
        groups[-1].append(dump)
        filled += dump.size
    return Groups(small=[tuple(each) for each in groups], waves=_waves(huge))


def _waves(huge: Sequence[Dump]) -> list[list[Dump]]:
    waves: list[list[Dump]] = []
    filled = 0
    for dump in huge:
        if not waves or filled + dump.size > _WAVE:
            waves.append([])
            filled = 0
        waves[-1].append(dump)
        filled += dump.size
    return waves
