"""The portable runner with workers of its own: the path of a pipeline on a cluster, on one machine."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_corpus import contents, corpusmill


@pytest.fixture
def worker_pool() -> Iterator[str]:
    """The address of a running pool of Beam workers."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    # The pool starts `python` from the path.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    pool = subprocess.Popen(
        [sys.executable, "-m", "apache_beam.runners.worker.worker_pool_main", f"--service_port={port}"],
        env={**os.environ, "PATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("localhost", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"localhost:{port}"
    finally:
        pool.kill()
        pool.wait()


def test_the_same_bytes_through_the_portable_harness(
    worker_pool: str, tmp_path: Path, inputs: Path, recipe_file: Path, finished: Path
) -> None:
    beam_args = [
        "--runner=PortableRunner",
        "--job_endpoint=embed",
        "--environment_type=EXTERNAL",
        f"--environment_config={worker_pool}",
    ]
    corpusmill("corpus", recipe_file, inputs, tmp_path / "run", "--", *beam_args)
    assert contents(tmp_path / "run") == contents(finished)
