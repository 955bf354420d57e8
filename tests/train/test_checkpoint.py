from pathlib import Path

import pytest

from corpusmill.recipe import Train
from corpusmill.train import checkpoint
from corpusmill.train.job import Job


@pytest.fixture
def job(tmp_path: Path) -> Job:
    job = Job(
        run=tmp_path,
        config=Train(),
        identity="ours",
        shards=[],
        checkpoint=None,
        step=0,
        sequences=0,
        passed_over=[],
        tokens_digest="tokens",
        changed={},
    )
    job.scratch.mkdir(parents=True)
    return job


def _publish(job: Job, step: int) -> Path:
    files = job.scratch / checkpoint.folder_name(step)
    files.mkdir()
    (files / ".metadata").write_bytes(b"what is where")
    (files / "__0_0.distcp").write_bytes(bytes(range(256)))
    checkpoint.publish(files, step, 8 * step, job)
    return job.model / "checkpoints" / checkpoint.folder_name(step)


def test_a_published_checkpoint_is_good(job: Job) -> None:
    folder = _publish(job, 50)
    assert folder.name == "step-000050"
    assert checkpoint.problem(folder, 50, "ours") is None
    assert list(job.scratch.iterdir()) == []


@pytest.mark.parametrize("name", [".metadata", "__0_0.distcp", "manifest.json"])
@pytest.mark.parametrize("damage", ["flip", "truncate", "remove"])
def test_damage_is_found_and_named(job: Job, name: str, damage: str) -> None:
    folder = _publish(job, 50)
    content = bytearray((folder / name).read_bytes())
    # In the manifest the flip falls on its first hash, in the others on the first byte.
    content[content.find(b'"sha256": "') + len(b'"sha256": "') if name == "manifest.json" else 0] ^= 1
    if damage == "flip":
        (folder / name).write_bytes(content)
    elif damage == "truncate":
        (folder / name).write_bytes(content[:7])
    else:
        (folder / name).unlink()
    problem = checkpoint.problem(folder, 50, "ours")
    assert problem is not None
    assert name in problem or (name == "manifest.json" and "sha256 is not the manifest's" in problem)
    assert "\n" not in problem


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "1", '{"stage": "train"}', "\0\0", '{"stage": "train", "ident']
)
def test_a_damaged_manifest_is_a_problem_and_no_crash(job: Job, text: str) -> None:
    folder = _publish(job, 50)
    (folder / "manifest.json").write_text(text)
    assert checkpoint.problem(folder, 50, "ours") is not None
    assert checkpoint.manifest_of(folder) is None


def test_a_checkpoint_of_another_training_or_step_is_not_good(job: Job) -> None:
    folder = _publish(job, 50)
    assert checkpoint.problem(folder, 50, "another") is not None
    assert checkpoint.problem(folder, 51, "ours") is not None


def test_the_newest_two_are_kept_and_listed_first(job: Job) -> None:
    folders = [_publish(job, step) for step in (50, 100, 1_000_000, 1_000_050)]
    assert list(checkpoint.newest_first(job.model)) == [(1_000_050, folders[3]), (1_000_000, folders[2])]
    assert list(job.scratch.iterdir()) == []
