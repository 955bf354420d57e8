from fractions import Fraction
from pathlib import Path
from typing import get_args

import pytest
import yaml
from pydantic import BaseModel

from corpusmill import entries, recipe
from corpusmill.entries import Pushshift
from corpusmill.errors import CorpusmillError

ROOT = Path(__file__).resolve().parents[1]
SOURCE = "sources: [{name: b, family: books, layout: plain, files: [x]}]\n"


def load(tmp_path: Path, text: str) -> recipe.Recipe:
    (tmp_path / "r.yaml").write_text(text)
    return recipe.load(tmp_path / "r.yaml")


BOMB = "a0: &a0 [x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 10)
)
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
            r'sources.0 \(t\).languages: .*"no", in quotes',
        ),
        ("sources: [{name: j, family: jsonl, files: [a], fields: {text: ''}}]", "fields.text.0"),
        (
            "sources: [{name: r, family: pushshift, files: [a], drop: {bots: true}}]",
            "give the path of a file",
        ),
        (NEWS + "since: 2021-01-02, until: 2021-01-01}]", r"since \(2021-01-02\) is after until"),
        (SOURCE + "filter: {gopher: true}", "filter.gopher: no such field; gopher_quality is probably meant"),
        (SOURCE + "filter: {c4: {sources: [nobody]}}", r"filter.c4.sources: \['nobody'\] are no sources"),
        (SOURCE + "filter: {fineweb: {line_punct_thr: 12}}", "line_punct_thr: must be 1.0 or less, not 12"),
        (SOURCE + "filter: {url: {block: none.txt}}", "none.txt: cannot be read"),
        (SOURCE + "filter: {language: {}}", "filter.language.keep: must be given"),
        (
            SOURCE + "measure: [quality]",
            "measure.0: must be 'gopher_quality'.*, not 'quality'; gopher_quality is probably meant",
        ),
        ("just text", "a recipe is a mapping"),
        ("dedup: {}", "sources: must be given"),
        (SOURCE + "dedpu: {}", "dedpu: no such field; dedup is probably meant"),
        (SOURCE + "dedup: {threshold: 1.5}", "dedup.threshold: must be 1 or less, not '1.5'"),
        (
            SOURCE + "dedup: {threshold: 0.9500000001}",
            "dedup.threshold: must be a number with at most 6 decimal places",
        ),
        (SOURCE + "tokenize: {seed: 4294967296}", "tokenize.seed: must be less than 4294967296"),
        (SOURCE + "train: {hidden: 10, heads: 3}", "hidden .10. must be a multiple of heads .3."),
        ("sources: [{name: b, family: boks, files: [x]}]", "'books', 'stories', 'news', .*'pushshift'"),
        ("sources: [{name: p, family: pile, sets: [Pile], files: [x]}]", r"unknown Pile sets \['Pile'\]"),
        (SOURCE + "train: {learning_rate: .inf}", "train.learning_rate: must be a finite number, not inf"),
        (SOURCE + "filter: {fineweb: {new_line_ratio: .nan}}", "new_line_ratio: must be a finite number"),
        ("sources: [{name: b, files: [x]}]", r"sources.0 \(b\): must say its family, one of books, stories"),
        ("sources: [{name: b, family: boks, files: [x]}]", "books is probably meant"),
        ("sources: [{name: b, family: text, files: ['./']}]", "files.0: './' names no file"),
        (
            "sources: [{name: b, family: text, layout: lines, extractor: trafilatura, files: [x]}]",
            "a page is a whole file; with layout lines there is none",
        ),
        (
            "sources: [{name: j, family: jsonl, files: [a], fields: {text: a, optional: [b]}}]",
            "optional: b: not among the fields of text",
        ),
        (BOMB, "more than 100000 values, aliases counted as what they stand for"),
        ("2021-01-01: 5", "the name of a field must be a text"),
        ("1: 5", "1: the name of a field must be a text"),
        (
            "sources: [{name: t, family: text, files: [a], extractor: foo}]",
            "extractor: must be 'trafilatura', 'resiliparse' or 'none', not 'foo'",
        ),
        ("a: &a [*a]", "an alias stands for something that it is part of"),
        (SOURCE.replace("]}]", "]}, {name: b, family: books, layout: plain, files: [y]}]"), "must differ"),
    ],
)
def test_a_bad_recipe_is_one_line_that_names_file_and_field(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CorpusmillError, match=message) as caught:
        load(tmp_path, text)
    assert str(caught.value).startswith(str(tmp_path / "r.yaml"))
    assert "\n" not in str(caught.value)


PYDANTICS = (
    "Input",
    "Extra",
    "Field required",
    "Value error",
    "pydantic",
    "validation error",
    "literal[",
    "[key]",
    "should",
)


@pytest.mark.parametrize(
    "value", ["3", "-1", "0", "x", "[]", "{}", "null", "true", "[{}]", "{a: 1}", ".inf", "2021-01-01", "''"]
)
def test_nothing_that_a_field_may_be_given_is_answered_in_the_library_s_words(
    tmp_path: Path, value: str
) -> None:
    parts: dict[str, type[BaseModel]] = {
        f"{name}: {{%s: {value}}}": field.annotation
        for name, field in recipe.Recipe.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }
    texts = [SOURCE + form % field for form, kind in parts.items() for field in kind.model_fields]
    texts += [
        f"sources: [{{name: s, files: [x], {field}: {value}, family: {family}}}]"
        for kind in entries.Entry.__subclasses__()
        for family in get_args(kind.model_fields["family"].annotation)
        for field in kind.model_fields
        if field not in ("name", "files", "family")
    ]
    for text in texts:
        try:
            load(tmp_path, text)
        except CorpusmillError as error:
            said = str(error).partition("r.yaml: ")[2]
            assert not [word for word in PYDANTICS if word in said], f"{text}: {said}"


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
