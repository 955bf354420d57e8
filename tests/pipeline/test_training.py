"""The verb `train` behind the stages: what it says, and that nothing a recipe changes deletes a model."""

import shutil
from pathlib import Path

import pytest
from small_corpus import corpusmill


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory, finished: Path, inputs: Path, recipe_file: Path
) -> Path:
    """A finished run with a model of six steps, and in `said` what the training said."""
    run = tmp_path_factory.mktemp("trained") / "run"
    shutil.copytree(finished, run)
    done = corpusmill("train", recipe_file, inputs, run)
    (run.parent / "said").write_text(done.stderr)
    return run


def checkpoints(model: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in sorted(model.glob("checkpoints/*/*"))}


def test_a_training_says_how_far_it_is_where_there_is_no_terminal(trained: Path) -> None:
    lines = (trained.parent / "said").read_text().splitlines()
    assert lines[0] == "train: starting 2 processes"
    assert lines[1].startswith("train: step 1 of 6, loss ")
    assert lines[-1].startswith("train: loss ")


@pytest.mark.parametrize(
    ("changed", "verb"),
    [
        ("[Pile-CC, HackerNews] -> [HackerNews]", "corpus"),
        ("share: 0.05 -> share: 0.1", "tokenize"),
    ],
)
def test_no_stage_deletes_a_model(
    trained: Path, inputs: Path, recipe_file: Path, tmp_path: Path, changed: str, verb: str
) -> None:
    run = shutil.copytree(trained, tmp_path / "run")
    before = {path.removeprefix(str(run)) for path in checkpoints(run / "model")}
    assert before
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(recipe_file.read_text().replace(*changed.split(" -> ")))
    corpusmill(verb, recipe, inputs, run)
    assert {path.removeprefix(str(run)) for path in checkpoints(run / "model")} == before


def test_other_settings_go_on_and_another_model_is_moved_aside(
    trained: Path, inputs: Path, recipe_file: Path, tmp_path: Path
) -> None:
    run = shutil.copytree(trained, tmp_path / "run")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(recipe_file.read_text().replace("steps: 6", "steps: 8, processes: 1"))
    said = corpusmill("train", recipe, inputs, run).stderr
    assert "train: going on from step 6 with steps 6 -> 8, processes 2 -> 1" in said
    assert "at step 1, " in said
    assert "at step 8" in said
    recipe.write_text(recipe_file.read_text().replace("layers: 1", "layers: 2"))
    said = corpusmill("train", recipe, inputs, run).stderr
    [aside] = run.glob("model-*")
    assert f"train: {run}/model is kept as {aside}: it has layers 1, not 2" in said
    assert len(list(aside.glob("checkpoints/step-000008/*"))) > 2
