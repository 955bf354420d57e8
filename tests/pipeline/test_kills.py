"""A run that is killed, at any moment and in any way, and started again gives the same bytes; and nothing
of it goes on running."""

import os
import signal
import subprocess
import time
from functools import partial
from pathlib import Path

import psutil
import pytest
from small_corpus import command, contents, corpusmill


def start(recipe_file: Path, inputs: Path, run: Path, *program: str) -> subprocess.Popen[bytes]:
    """A run in a process group of its own."""
    arguments = command("corpus", recipe_file, inputs, run, "--workers", "2")
    if program:
        arguments[1:3] = program
    return subprocess.Popen(arguments, start_new_session=True, stderr=subprocess.DEVNULL)


def wait_until_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert not alive, f"still running: {alive}"


@pytest.mark.parametrize("driver_only", [True, False], ids=["driver", "group"])
def test_killed_again_and_again_at_any_moment(
    driver_only: bool, tmp_path: Path, inputs: Path, recipe_file: Path, finished: Path
) -> None:
    delays = [1.7, 2.6, 3.3, 4.0, 4.6] if driver_only else [2.2, 3.0, 3.7, 4.3]
    killed = 0
    for delay in delays:
        driver = start(recipe_file, inputs, tmp_path / "run")
        time.sleep(delay)
        if driver.poll() is None:
            children = psutil.Process(driver.pid).children(recursive=True)
            if driver_only:
                driver.kill()
            else:
                os.killpg(driver.pid, signal.SIGKILL)
            killed += 1
            wait_until_gone(children)
        driver.wait()
    assert killed
    corpusmill("corpus", recipe_file, inputs, tmp_path / "run")
    assert contents(tmp_path / "run") == contents(finished)
    assert list((tmp_path / "run" / "work").iterdir()) == []


# Kills its own process group at the N-th time that the driver puts a file into its place, before or after.
KILLER = """
import os, pathlib, signal, sys
from corpusmill.cli import main

count = 0
replace = pathlib.Path.replace

def counted(self, target):
    global count
    count -= 1
    if count == 0:
        os.killpg(0, signal.SIGKILL)
    done = replace(self, target)
    if count == -1:
        os.killpg(0, signal.SIGKILL)
    return done

if __name__ == "__main__":
    count = int(sys.argv.pop(1))
    pathlib.Path.replace = counted
    sys.exit(main())
"""


def test_killed_at_the_driver_s_renames(
    tmp_path: Path, inputs: Path, recipe_file: Path, finished: Path
) -> None:
    program = tmp_path / "killer.py"
    program.write_text(KILLER)
    # Each run goes on where the last was killed, so together they visit the ends of all stages.
    for count in (2, 3, 5, 8, 12, 13, 17, 20, 23):
        driver = start(recipe_file, inputs, tmp_path / "run", str(program), str(count))
        driver.wait(timeout=120)
        if driver.returncode == 0:
            break
        assert driver.returncode == -signal.SIGKILL
    corpusmill("corpus", recipe_file, inputs, tmp_path / "run")
    assert contents(tmp_path / "run") == contents(finished)


def test_a_dead_worker_is_a_clear_error_and_the_run_can_go_on(
    tmp_path: Path, inputs: Path, recipe_file: Path, finished: Path
) -> None:
    driver = subprocess.Popen(
        command("corpus", recipe_file, inputs, tmp_path / "run"), stderr=subprocess.PIPE, text=True
    )
    worker = None
    while worker is None and driver.poll() is None:
        children = (
            psutil.Process(driver.pid).children() if list((tmp_path / "run").glob("work/*.files-*")) else []
        )
        worker = next((child for child in children if "spawn_main" in " ".join(child.cmdline())), None)
    assert worker is not None
    worker.kill()
    _, errors = driver.communicate(timeout=60)
    assert driver.returncode == 1
    assert "a worker process died" in errors
    assert "Traceback" not in errors
    corpusmill("corpus", recipe_file, inputs, tmp_path / "run")
    assert contents(tmp_path / "run") == contents(finished)


def test_two_runs_in_one_folder_are_refused(tmp_path: Path, inputs: Path, recipe_file: Path) -> None:
    first = start(recipe_file, inputs, tmp_path / "run")
    try:
        while not (tmp_path / "run" / "work").exists():
            time.sleep(0.05)
        second = corpusmill("corpus", recipe_file, inputs, tmp_path / "run", fails=True)
        assert "another run is at work" in second.stderr
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()


def test_an_interrupt_ends_everything_in_one_line(tmp_path: Path, inputs: Path, recipe_file: Path) -> None:
    driver = subprocess.Popen(
        command("corpus", recipe_file, inputs, tmp_path / "run"),
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # ignored behind nohup
    )
    while not (children := psutil.Process(driver.pid).children(recursive=True)):
        assert driver.poll() is None
        time.sleep(0.01)
    os.killpg(driver.pid, signal.SIGINT)
    _, errors = driver.communicate(timeout=30)
    assert driver.returncode == 130
    assert errors.splitlines()[-1] == "corpusmill corpus: stopped; run again to go on"
    wait_until_gone(children)
