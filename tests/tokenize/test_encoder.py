import json
import random
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from corpusmill.errors import CorpusmillError
from corpusmill.tokenize import vocabulary
from corpusmill.tokenize.encoder import Encoder
from corpusmill.tokenize.vocabulary import Vocabulary

GPT2 = vocabulary.load("gpt2", "<|endoftext|>", "")
ENCODER = Encoder(GPT2)
SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples"


def test_gpt2_is_the_original() -> None:
    # Known encodings of the released vocabulary.
    assert (GPT2.size, GPT2.end_of_text, len(GPT2.merges)) == (50257, 50256, 50000)
    assert ENCODER.encode("Hello world").tolist() == [15496, 995, 50256]
    assert ENCODER.encode("Hello, my dog is cute").tolist() == [15496, 11, 616, 3290, 318, 13779, 50256]


CHARACTERS = st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(" \t\n\u00a0'’sretlv"))


@given(st.text(CHARACTERS))
def test_tokens_equal_the_reference_and_decode_to_the_text(text: str) -> None:
    tokens = ENCODER.encode(text)
    ENCODER.check(text, tokens, "a text")
    assert ENCODER.decode(tokens) == text.rstrip()
    assert ENCODER.byte_lengths[tokens].sum() == len(text.rstrip().encode())


def test_special_tokens_in_a_text_are_plain_text() -> None:
    tokens = ENCODER.encode("a<|endoftext|>b")
    assert GPT2.end_of_text not in tokens[:-1].tolist()
    assert ENCODER.decode(tokens) == "a<|endoftext|>b"


def test_a_difference_to_the_reference_is_an_error() -> None:
    with pytest.raises(CorpusmillError, match="row 7"):
        ENCODER.check("Hello world", np.array([1, 2, 50256], np.uint16), "row 7")


def renumbered(folder: Path) -> Vocabulary:
    """GPT-2's merges under shuffled numbers, as OPT's are."""
    numbers = list(range(len(GPT2.ids)))
    random.Random(5).shuffle(numbers)
    ids = dict(zip(GPT2.ids, numbers, strict=True))
    folder.mkdir()
    (folder / "vocab.json").write_text(json.dumps(ids), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(merge) for merge in GPT2.merges), ""]
    (folder / "merges.txt").write_text("\n".join(lines), encoding="utf-8")
    return vocabulary.load(folder.name, "<|endoftext|>", str(folder.parent))


def test_a_renumbered_vocabulary_gives_the_same_pieces_under_its_own_ids(tmp_path: Path) -> None:
    other = renumbered(tmp_path / "other")
    assert other.sha256 != GPT2.sha256
    strings = {number: string for string, number in GPT2.ids.items()}
    text = "The quick brown fox's 1999 jumps — über den Zaun"
    expected = [other.ids[strings[number]] for number in ENCODER.encode(text).tolist()]
    assert Encoder(other).encode(text).tolist() == expected


def test_opts_own_files_give_opts_ids() -> None:
    if not SAMPLES.exists():
        pytest.skip("the real samples are not beside this checkout")
    opt = vocabulary.load("opt-tokenizer", "</s>", str(SAMPLES))
    assert Encoder(opt).encode("Hello, my dog is cute").tolist() == [31414, 6, 127, 2335, 16, 11962, 2]


def test_megabytes_of_white_space_are_encoded_like_the_reference() -> None:
    text = "a" + " " * 3_000_000 + "b"
    assert ENCODER.encode(text)[:-1].tolist() == ENCODER.reference(text)


@pytest.mark.parametrize(
    ("ids", "merges", "message"),
    [
        ("{", "", "not JSON"),
        ("[1]", "", "not a mapping of tokens to ids"),
        ({"a": "1"}, "", "not a mapping of tokens to ids"),
        ({"a": -1}, "", "ids outside 0 to 65535"),
        ({"a": 65536}, "", "ids outside 0 to 65535"),
        ({"a": 1, "b": 1}, "", "gives an id to two tokens"),
        ({"a": 1, "b": 2}, "a b\n", "lacks"),
        (GPT2.ids, b"\xff", "not UTF-8"),
    ],
)
def test_bad_vocabulary_files_are_one_line(
    tmp_path: Path, ids: object, merges: str | bytes, message: str
) -> None:
    (tmp_path / "vocab.json").write_text(ids if isinstance(ids, str) else json.dumps(ids))
    (tmp_path / "merges.txt").write_bytes(merges if isinstance(merges, bytes) else merges.encode())
    with pytest.raises(CorpusmillError, match=message) as caught:
        vocabulary.load(".", "<|endoftext|>", str(tmp_path))
    assert "\n" not in str(caught.value)


def test_the_end_of_text_must_be_no_text() -> None:
    with pytest.raises(CorpusmillError, match="'Hello' is no special token"):
        vocabulary.load("gpt2", "Hello", "")


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(CorpusmillError, match=r"does not hold vocab\.json"):
        vocabulary.load("nowhere", "</s>", str(tmp_path))
    with pytest.raises(CorpusmillError, match=r"end_of_text: '</s>' is no special token"):
        vocabulary.load("gpt2", "</s>", "")
