from pathlib import Path

import numpy as np
import pyarrow as pa

from corpusmill import documents


def test_ids_depend_on_every_part_and_not_on_how_parts_join() -> None:
    ids = {
        documents.doc_id(*parts)
        for parts in [("a", "b", "c"), ("ab", "", "c"), ("a", "bc", ""), ("", "ab", "c"), ("a", "b", "d")]
    }
    assert len(ids) == 5
    assert all(len(each) == 16 for each in ids)
    # Known value: ids of published corpora must never change.
    assert documents.doc_id("reddit", "", "t3_15").hex() == "7e864ddaf3af3ee142119502a00e1c63"


def test_equal_text_hashes_are_of_equal_texts() -> None:
    texts = ["one two", "one  two", "One two", "one two.", "one two\n", ""]
    assert len({documents.text_hash(text.encode()) for text in texts}) == len(texts)
    # Known value: a later run is compared with an earlier one.
    assert documents.text_hash("naïve".encode()).hex() == "7b633f5f88cb0dd8617039f481fe52e9"


def test_numbers_sort_like_the_table_and_split_again() -> None:
    numbers = np.concatenate([documents.numbers(shard, 3) for shard in (0, 1, 2**30)])
    assert np.all(np.diff(numbers) > 0)
    assert documents.shard_of(numbers).tolist() == [0] * 3 + [1] * 3 + [2**30] * 3
    assert documents.row_of(numbers).tolist() == [0, 1, 2] * 3


def test_equal_rows_give_equal_files(tmp_path: Path) -> None:
    table = pa.table({"x": list(range(1000))})
    for name in ("a", "b"):
        documents.write_table(table, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_fixed_bytes_sees_slices_and_empty_columns() -> None:
    values = [bytes([n]) * 16 for n in range(6)]
    column = pa.chunked_array([pa.array(values[:2], pa.binary(16)), pa.array(values[2:], pa.binary(16))])
    assert [each.tobytes() for each in documents.fixed_bytes(column.slice(1, 4))] == values[1:5]
    assert documents.fixed_bytes(column.slice(0, 0)).shape == (0, 16)
    assert documents.fixed_bytes(pa.chunked_array([], pa.binary(16))).shape == (0, 16)
