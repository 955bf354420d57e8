"""Child processes that cannot outlive the run that started them.

A killed driver leaves no worker behind that goes on writing: every child calls `die_with_parent`
first. The kernel's signal covers the death, the look at the parent's id covers a parent that died
before the signal was armed.
"""

import ctypes
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> None:
    """Arrange that this process is killed when the process `parent` (its starter's id) dies.

    On Linux the signal is sent when the *thread* that started this process ends, so children must be
    started by a thread that lives as long as its process: the main one.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def usable_cores() -> int:
    """Number of CPU cores that this process may use, which in a container is fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
