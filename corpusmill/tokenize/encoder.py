"""Text to token ids: tiktoken does the work, Hugging Face `tokenizers` is the reference that it must equal.

The two are compared on given texts when a stage starts and on a sample of every shard; a difference stops
the work. Neither looks for special tokens in the text: `<|endoftext|>` in a document is seven plain tokens.
"""

from collections.abc import Sequence

import numpy as np
import tiktoken
import tokenizers
from tiktoken_ext.openai_public import r50k_pat_str

from corpusmill.errors import CorpusmillError
from corpusmill.tokenize.vocabulary import Vocabulary, byte_characters

# Contractions, white space of all kinds before them, special tokens, scripts, emoji, numbers.
PROBES = (
    "Hello world, it's  1999's\t's \n\n 'tis she'll've \r\n\x0b we're\u00a0I'm",
    "<|endoftext|> </s> \x00\x07 naïve Ὀδυσσεύς \u6f22\u5b57\u304b\u306a 🙂👩‍👩‍👧 ١٢٣ ½ ǅ a\u0301",
    " " * 40 + "x" * 300 + "\n" * 20,
)


class Encoder:
    """Encodes with one vocabulary; `CorpusmillError` if the two engines differ on the probes."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._end = np.uint16(vocabulary.end_of_text)
        ranks, self._ids = _ranks(vocabulary)
        self._fast = tiktoken.Encoding(
            vocabulary.name, pat_str=r50k_pat_str, mergeable_ranks=ranks, special_tokens={}
        )
        self._tokenizer = tokenizers.Tokenizer(
            tokenizers.models.BPE(vocab=vocabulary.ids, merges=vocabulary.merges)
        )
        self._tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
        self._pieces = [b""] * vocabulary.size
        for token, number in zip(ranks, self._ids.tolist(), strict=True):
            self._pieces[number] = token
        self.byte_lengths = np.array([len(piece) for piece in self._pieces], np.int64)
        """int64[size]: the bytes of text that each id stands for, 0 for those that are not text."""
        for probe in PROBES:
            self.check(probe, self.encode(probe), "a probe")

    def encode(self, text: str) -> np.ndarray:
        """uint16[n]: the ids of `text` without trailing white space, then the end of text."""
        try:
            ids = self._ids[self._fast.encode_to_numpy(text.rstrip())]
        except ValueError:  # its regex gives up on megabytes of white space
            ids = np.array(self.reference(text), np.uint16)
        out = np.empty(len(ids) + 1, np.uint16)
        out[:-1] = ids
        out[-1] = self._end
        return out

    def decode(self, tokens: np.ndarray) -> str:
        """The text of one document's tokens; the end of text is no text."""
        return b"".join(self._pieces[number] for number in tokens.tolist()).decode()

    def reference(self, text: str) -> list[int]:
        """What `tokenizers` makes of `text`, the end of text left out."""
        ids: list[int] = self._tokenizer.encode(text.rstrip(), add_special_tokens=False).ids
        return ids

    def check(self, text: str, tokens: np.ndarray, what: str) -> None:
        """`CorpusmillError` if `tokens` are not what the reference makes of `text`."""
        if tokens[:-1].tolist() != self.reference(text):
            raise CorpusmillError(
                f"tiktoken and tokenizers encode {what} differently; this vocabulary cannot be used"
            )


def _ranks(vocabulary: Vocabulary) -> tuple[dict[bytes, int], np.ndarray]:
    """tiktoken's {token bytes: merge rank}, and uint16[ranks]: the vocabulary's id of each rank.

    tiktoken orders merges by the rank of the token that they make, so its numbers must be the order of
    the merges; the vocabulary's own numbers may be any (OPT's follow frequency).
    """
    to_byte = byte_characters()
    strings = [*to_byte, *dict.fromkeys(left + right for left, right in vocabulary.merges)]
    ranks = {bytes(to_byte[each] for each in string): rank for rank, string in enumerate(strings)}
    return ranks, np.array([vocabulary.ids[string] for string in strings], np.uint16)


def flatten(encoded: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(uint16[tokens], int64[n + 1] offsets) of n encoded documents."""
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(each) for each in encoded], out=offsets[1:])
    return np.concatenate([np.empty(0, np.uint16), *encoded]), offsets
