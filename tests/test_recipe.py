from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from corpusmill import recipe
from corpusmill.entries import Pushshift
from corpusmill.errors import CorpusmillError

ROOT = Path(__file__).resolve().parents[1]
SOURCE = "sources: [{name: b, family: books, layout: plain, files: [x]}]\n"


def load(tmp_path: Path, text: str) -> recipe.Recipe:
    (tmp_path / "r.yaml").write_text(text)
    return recipe.load(tmp_path / "r.yaml")


NEWS = "sources: [{name: n, family: news, layout: warc, files: [a], "


def test_the_resolved_recipe_says_every_default_and_loads_again(tmp_path: Path) -> None:
    loaded = load(tmp_path, SOURCE)
    assert "threshold: '0.95'" in loaded.dump()
    assert load(tmp_path, loaded.dump()) == loaded


def test_thresholds_are_the_decimals_as_written(tmp_path: Path) -> None:
    for written in ("0.95", "0.8", "0.7", "1"):
        loaded = load(tmp_path, SOURCE + f"dedup: {{threshold: {written}}}")
        assert loaded.dedup.fraction == Fraction(written)


@pytest.mark.parametrize("path", sorted((ROOT / "recipes").glob("*.yaml")), ids=lambda path: path.name)
def test_the_recipes_that_we_ship_load(path: Path) -> None:
    assert recipe.load(path).sources


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "not YAML"),
        ("sources: []\nsources: []", "not YAML: written more than once: sources"),
        (
            "sources: [{name: t, family: text, files: [a], languages: [no]}]",
            'sources.0.text.languages: .*"no", in quotes',
        ),
        ("sources: [{name: j, family: jsonl, files: [a], fields: {text: ''}}]", "fields.text.0"),
        (
            "sources: [{name: r, family: pushshift, files: [a], drop: {bots: true}}]",
            "give the path of a file",
        ),
        (NEWS + "since: 2021-01-02, until: 2021-01-01}]", r"since \(2021-01-02\) is after until"),
        (SOURCE + "filter: {gopher: true}", "filter.gopher: Extra inputs"),
        (SOURCE + "filter: {c4: {sources: [nobody]}}", r"filter.c4.sources: \['nobody'\] are no sources"),
        (SOURCE + "filter: {fineweb: {line_punct_thr: 12}}", "line_punct_thr: Input should be less than"),
        (SOURCE + "filter: {url: {block: none.txt}}", "none.txt: cannot be read"),
        (SOURCE + "filter: {language: {}}", "filter.language.keep: Field required"),
        (SOURCE + "measure: [quality]", "measure.0: Input should be 'gopher_quality'"),
        ("just text", "a recipe is a mapping"),
        ("dedup: {}", "sources: Field required"),
        (SOURCE + "dedpu: {}", "dedpu: Extra inputs"),
        (SOURCE + "dedup: {threshold: 1.5}", "dedup.threshold: Input should be less than or equal to 1"),
        (
            SOURCE + "dedup: {threshold: 0.9500000001}",
            "dedup.threshold: Decimal input should have no more than 6",
        ),
        (SOURCE + "tokenize: {seed: 4294967296}", "tokenize.seed: Input should be less than 4294967296"),
        (SOURCE + "train: {hidden: 10, heads: 3}", "hidden .10. must be a multiple of heads .3."),
        ("sources: [{name: b, family: boks, files: [x]}]", "'books', 'stories', 'news', .*'pushshift'"),
        ("sources: [{name: p, family: pile, sets: [Pile], files: [x]}]", r"unknown Pile sets \['Pile'\]"),
        (SOURCE.replace("]}]", "]}, {name: b, family: books, layout: plain, files: [y]}]"), "must differ"),
    ],
)
def test_a_bad_recipe_is_one_line_that_names_file_and_field(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CorpusmillError, match=message) as caught:
        load(tmp_path, text)
    assert str(caught.value).startswith(str(tmp_path / "r.yaml"))
    assert "\n" not in str(caught.value)


def test_a_missing_recipe_is_said(tmp_path: Path) -> None:
    with pytest.raises(CorpusmillError, match="No such file"):
        recipe.load(tmp_path / "none.yaml")


def test_preference_is_the_order_of_sources_and_of_sets_within(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        yaml.safe_dump(
            {
                "sources": [
                    {"name": "p", "family": "pile", "sets": ["HackerNews", "Pile-CC"], "files": ["x"]},
                    {"name": "b", "family": "books", "layout": "plain", "files": ["y"]},
                    {"name": "q", "family": "pile", "sets": ["Pile-CC", "ArXiv"], "files": ["z"]},
                ]
            }
        ),
    )
    assert list(loaded.source_priority()) == ["HackerNews", "Pile-CC", "p", "b", "ArXiv", "q"]


def test_a_list_of_names_is_read_from_beside_the_recipe_and_known_by_its_hash(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "bots.txt").write_text("# programs\nAutoModerator\n\n  SomeBot # a note\n")
    text = "sources: [{name: r, family: pushshift, files: [x], drop: {bots: lists/bots.txt}}]"
    entry = load(tmp_path, text).sources[0]
    assert isinstance(entry, Pushshift)
    assert entry.drop.bots is not None
    assert entry.drop.bots.names == {"automoderator", "somebot"}
    dumped = load(tmp_path, text).dump()
    assert "somebot" not in dumped
    again = load(tmp_path, dumped).sources[0]
    assert again == entry

    (tmp_path / "lists" / "bots.txt").write_text("somebot\nautomoderator")
    assert load(tmp_path, text).dump() == dumped, "order and case are nothing"


def test_a_list_of_names_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    text = "sources: [{name: r, family: pushshift, files: [x], drop: {bots: none.txt}}]"
    with pytest.raises(CorpusmillError, match=r"drop\.bots: .*none\.txt: cannot be read"):
        load(tmp_path, text)


@pytest.mark.parametrize("name", ["opt", "opt-as-run", "demo", "samples"])
def test_the_recipes_that_come_along_can_be_loaded(name: str) -> None:
    path = ROOT / "recipes" / f"{name}.yaml"
    loaded = recipe.load(path)
    assert recipe.Recipe.model_validate(yaml.safe_load(loaded.dump())) == loaded


def test_the_two_recipes_of_opt_differ_by_enron_and_the_mistakes_only() -> None:
    recipes = [recipe.load(ROOT / "recipes" / f"{name}.yaml") for name in ("opt", "opt-as-run")]
    alike = [[entry.model_dump(exclude={"sets", "variant"}) for entry in each.sources] for each in recipes]
    assert alike[0] == alike[1]
    variants = [{entry.family: entry.variant for entry in each.sources} for each in recipes]
    assert set(variants[0].values()) == {"fixed"}
    assert {family for family, variant in variants[1].items() if variant == "faithful"} == {"books", "pile"}
    paper, as_run = (list(each.source_priority()) for each in recipes)
    assert len(paper) == len(set(paper))
    assert set(as_run) - set(paper) == {"Enron Emails"}
    assert set(paper) <= set(as_run)


@pytest.mark.parametrize(
    "text",
    [
        "sources: [{name: n, family: news, layout: warc, files: [x], since: 2021-02-30}]",
        "[" * 3000,
        'sources: [{name: j, family: jsonl, files: [x], fields: {text: "\\ud800"}}]',
    ],
    ids=["no such day", "nested too deep", "half a surrogate pair"],
)
def test_yaml_that_cannot_be_read_is_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(CorpusmillError, match="not YAML: ") as caught:
        load(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_what_the_filter_needs_is_measured_beside_what_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(SOURCE + "measure: [url, c4]\nfilter: {fineweb: true, c4: false}")
    loaded = recipe.load(path)
    assert loaded.measured() == ("c4", "fineweb", "url")
    assert loaded.filter.fineweb is not None
    assert loaded.filter.fineweb.line_punct_thr == 0.12
    assert loaded.filter.c4 is None
