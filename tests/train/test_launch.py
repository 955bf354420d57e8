import json
import math
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from corpusmill.errors import CorpusmillError
from corpusmill.recipe import Train
from corpusmill.train import checkpoint
from corpusmill.train.launch import train

MakeRun = Callable[..., Path]
SETTINGS = {
    "layers": 2,
    "hidden": 32,
    "sequence": 32,
    "batch": 8,
    "steps": 60,
    "learning_rate": 1e-2,
    "warmup": 5,
    "checkpoint_every": 15,
    "validate_every": 15,
}
CONFIG = Train(**SETTINGS)  # type: ignore[arg-type]
DRIVER = """
import json, sys
from pathlib import Path
from corpusmill.recipe import Train
from corpusmill.train.launch import train
if __name__ == "__main__":
    losses = train(Path(sys.argv[1]), Train(**json.loads(sys.argv[2])))
    print(json.dumps([len(losses), "torch" in sys.modules]))
"""
pytestmark = pytest.mark.timeout(300)


def _driver(run: Path, **settings: int) -> list[str]:
    return [sys.executable, "-c", DRIVER, str(run), json.dumps(SETTINGS | settings)]


def _lines(run: Path, *, events: bool = False) -> list[str]:
    lines = (run / "model" / "journal.jsonl").read_text().splitlines()
    return [line for line in lines if events or "event" not in json.loads(line)]


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _wait_for_step(run: Path, step: int) -> None:
    journal = run / "model" / "journal.jsonl"
    while not (journal.exists() and f'{{"step": {step}, ' in journal.read_text()):
        time.sleep(0.005)


@pytest.fixture(scope="module")
def finished(
    make_run: MakeRun, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[tuple[int, float]]]:
    """A run that was trained without interruption, and what was reported of its progress."""
    run = make_run(tmp_path_factory.mktemp("finished"))
    seen: list[tuple[int, float]] = []
    losses = train(run, CONFIG, lambda step, loss: seen.append((step, loss)))
    assert seen == losses
    return run, losses


@pytest.fixture
def copy(finished: tuple[Path, list[tuple[int, float]]], tmp_path: Path) -> Path:
    """The finished run, to be damaged."""
    return Path(shutil.copytree(finished[0], tmp_path / "copy"))


@pytest.fixture
def tokens(finished: tuple[Path, list[tuple[int, float]]], tmp_path: Path) -> Path:
    """The finished run's tokens, before any training."""
    for name in ("tokens", "_manifests"):
        shutil.copytree(finished[0] / name, tmp_path / "run" / name)
    return tmp_path / "run"


def test_training_lowers_the_loss(finished: tuple[Path, list[tuple[int, float]]]) -> None:
    _, losses = finished
    assert [step for step, _ in losses] == list(range(1, 61))
    assert losses[0][1] == pytest.approx(math.log(384), abs=0.1)  # 300 tokens, padded to 384
    assert losses[-1][1] < losses[0][1] / 2


def test_the_journal_says_what_each_step_did(finished: tuple[Path, list[tuple[int, float]]]) -> None:
    run, losses = finished
    lines = [json.loads(line) for line in _lines(run, events=True)]
    assert (lines[0]["event"], lines[0]["step"], lines[0]["world_size"]) == ("start", 0, 2)
    steps = [line for line in lines if "loss" in line]
    assert [(line["step"], line["loss"]) for line in steps] == losses
    assert [line["tokens"] for line in steps] == [step * 8 * 32 for step in range(1, 61)]
    assert max(line["lr"] for line in steps) == pytest.approx(1e-2)
    assert all(line["grad_norm"] > 0 for line in steps)
    valid = [(line["step"], line["valid_loss"]) for line in lines if "valid_loss" in line]
    assert [step for step, _ in valid] == [15, 30, 45, 60]
    assert valid[-1][1] < valid[0][1]


def test_a_training_leaves_its_newest_checkpoints_and_no_work(
    finished: tuple[Path, list[tuple[int, float]]],
) -> None:
    run, _ = finished
    assert [step for step, _ in checkpoint.newest_first(run / "model")] == [60, 45]
    assert list((run / "work").iterdir()) == []


def test_a_finished_run_returns_at_once_without_torch(copy: Path) -> None:
    before = _lines(copy, events=True)
    done = subprocess.run(_driver(copy), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [60, False]
    assert _lines(copy, events=True) == before


def test_no_process_outlives_a_killed_driver(tokens: Path) -> None:
    driver = subprocess.Popen(_driver(tokens, steps=1_000_000), stdout=subprocess.DEVNULL)
    _wait_for_step(tokens, 1)
    children = psutil.Process(driver.pid).children(recursive=True)
    driver.kill()
    driver.wait()
    assert len(children) >= 2
    _, alive = psutil.wait_procs(children, timeout=20)
    for process in alive:
        process.kill()
    assert not alive


@pytest.mark.parametrize("victim", ["group", "driver"])
def test_a_killed_training_ends_with_the_same_lines(
    finished: tuple[Path, list[tuple[int, float]]], tokens: Path, victim: str
) -> None:
    driver = subprocess.Popen(_driver(tokens), start_new_session=True, stdout=subprocess.DEVNULL)
    _wait_for_step(tokens, 1)
    children = psutil.Process(driver.pid).children(recursive=True)
    moment = random.randint(1, 45)
    _wait_for_step(tokens, moment)
    if victim == "group":
        os.killpg(driver.pid, signal.SIGKILL)
    else:
        driver.kill()
    driver.wait()
    psutil.wait_procs(children)

    losses = train(tokens, CONFIG)
    assert losses == finished[1], f"killed after step {moment}"
    assert _lines(tokens) == _lines(finished[0])
    for name in ("__0_0.distcp", "__1_0.distcp"):  # torch's index of them has a random name in it
        file = Path("model/checkpoints/step-000060", name)
        assert (tokens / file).read_bytes() == (finished[0] / file).read_bytes()


def test_a_damaged_newest_checkpoint_is_passed_over_loudly(
    finished: tuple[Path, list[tuple[int, float]]], copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = copy / "model/checkpoints/step-000060/__1_0.distcp"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)

    assert train(copy, CONFIG) == finished[1]
    assert "step-000060/__1_0.distcp: its sha256 is not the manifest's" in caplog.text
    kept = copy / "model/checkpoints/damaged-step-000060/__1_0.distcp"
    assert kept.read_bytes() == content, "it is put aside, not deleted"
    resumed = [json.loads(line) for line in _lines(copy, events=True) if "resume" in line]
    assert [line["step"] for line in resumed] == [45]
    assert "__1_0.distcp" in resumed[0]["passed_over"][0]
    assert _lines(copy) == _lines(finished[0])


def test_a_journal_that_lacks_steps_is_an_error(copy: Path) -> None:
    journal = copy / "model/journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-5]))
    before = journal.read_bytes()
    with pytest.raises(CorpusmillError, match=r"journal.jsonl: not every step up to 60"):
        train(copy, CONFIG)
    assert journal.read_bytes() == before


def test_a_dead_rank_is_named_and_takes_the_others_with_it(tokens: Path) -> None:
    def kill_rank(step: int, loss: float) -> None:
        if step == 3:
            ranks = {child.name: child for child in multiprocessing.active_children()}
            assert sorted(ranks) == ["rank-0", "rank-1"]
            ranks["rank-1"].kill()

    long = CONFIG.model_copy(update={"steps": 100_000})
    with pytest.raises(CorpusmillError, match=r"rank 1 of 2 stopped with exit code -9"):
        train(tokens, long, kill_rank)
    assert multiprocessing.active_children() == []


def test_one_rank_learns_the_same(finished: tuple[Path, list[tuple[int, float]]], tokens: Path) -> None:
    losses = train(tokens, CONFIG.model_copy(update={"processes": 1, "steps": 21}))
    # The same weights and the same sequences; only the order of summation differs, which grows, and so does
    # the learning rate's fall.
    assert losses[0][1] == pytest.approx(finished[1][0][1], abs=1e-4)
    assert losses[4][1] == pytest.approx(finished[1][4][1], abs=1e-3)


def test_a_setting_may_change_and_the_training_goes_on(
    finished: tuple[Path, list[tuple[int, float]]], copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    changes = {
        "processes": 1,
        "checkpoint_every": 7,
        "validate_every": 11,
        "learning_rate": 5e-3,
        "warmup": 3,
        "batch": 6,
        "steps": 64,
    }
    losses = train(copy, CONFIG.model_copy(update=changes))
    assert losses[:60] == finished[1]
    assert [step for step, _ in losses] == list(range(1, 65))
    assert losses[-1][1] < finished[1][0][1] / 2, "it did not begin anew"
    assert not list(copy.glob("model-*"))
    lines = [json.loads(line) for line in _lines(copy, events=True)]
    (resumed,) = [line for line in lines if line.get("event") == "resume"]
    assert (resumed["step"], resumed["world_size"]) == (60, 1)
    assert resumed["changed"] == {name: [getattr(CONFIG, name), now] for name, now in changes.items()}
    assert "going on from step 60" in caplog.text
    # The position goes on from where the larger batches had come.
    assert [line["tokens"] for line in lines if "loss" in line][59:62] == [
        (60 * 8 + 6 * more) * CONFIG.sequence for more in range(3)
    ]


def test_fewer_steps_than_there_are_leave_the_model_as_it_is(
    finished: tuple[Path, list[tuple[int, float]]], copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = _contents(copy / "model")
    assert train(copy, CONFIG.model_copy(update={"steps": 20, "learning_rate": 1.0})) == finished[1]
    assert _contents(copy / "model") == before
    assert "the model has 60 steps, more than the recipe's 20: it stays as it is" in caplog.text


def test_another_architecture_moves_the_model_aside_and_back(
    finished: tuple[Path, list[tuple[int, float]]], copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = _contents(copy / "model")
    losses = train(copy, CONFIG.model_copy(update={"layers": 1, "steps": 2}))
    assert len(losses) == 2
    (aside,) = copy.glob("model-*")
    assert _contents(aside) == before
    assert f"model is kept as {aside}: it has layers 2, not 1" in caplog.text

    caplog.clear()
    assert train(copy, CONFIG) == finished[1]
    assert _contents(copy / "model") == before
    assert f"{aside} was moved aside before" in caplog.text
    assert len(list(copy.glob("model-*"))) == 1, "the other one is kept too"


def test_other_tokens_move_the_model_aside(
    finished: tuple[Path, list[tuple[int, float]]],
    copy: Path,
    make_run: MakeRun,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = _contents(copy / "model")
    other = make_run(tmp_path / "other", train_tokens=(4000,))
    for name in ("tokens", "_manifests"):
        shutil.rmtree(copy / name)
        shutil.copytree(other / name, copy / name)
    assert len(train(copy, CONFIG.model_copy(update={"steps": 1}))) == 1
    (aside,) = copy.glob("model-*")
    assert _contents(aside) == before
    assert "it was trained on other tokens" in caplog.text


def test_a_model_of_which_no_checkpoint_is_good_is_kept_too(
    copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for file in copy.glob("model/checkpoints/*/__0_0.distcp"):
        file.write_bytes(b"")
    before = _contents(copy / "model")
    assert len(train(copy, CONFIG.model_copy(update={"steps": 1}))) == 1
    (aside,) = copy.glob("model-*-damaged")
    assert _contents(aside) == before
    assert "no checkpoint of it is good" in caplog.text


def test_an_error_in_a_rank_is_one_line_in_the_driver(make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run(tmp_path, metadata={"vocabulary_size": "299"})
    with pytest.raises(CorpusmillError, match=r"^token id 299 in the shards of split 'train'[^\n]*$"):
        train(run, CONFIG)
    assert multiprocessing.active_children() == []


def test_too_few_tokens_are_an_error_before_any_rank_starts(make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run(tmp_path, train_tokens=(10,))
    with pytest.raises(CorpusmillError, match=r"the train split has \d+ tokens, .* lower train.sequence"):
        train(run, CONFIG.model_copy(update={"sequence": 200}))
    assert not (run / "work").exists()
