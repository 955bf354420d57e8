"""Every reader with mutated files: nothing is raised, and the contract of sources holds."""

from typing import Any

import fuzzing
import pytest
from hypothesis import HealthCheck, given, settings

READERS = fuzzing.readers()


@pytest.mark.parametrize("name", sorted(READERS))
def test_a_good_file_has_no_reject(name: str) -> None:
    fuzzing.check(READERS[name], ("", [], []))


@pytest.mark.parametrize("name", sorted(READERS))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(case=fuzzing.CASES)
def test_any_file_ends_in_documents_rejects_and_removals(name: str, case: Any) -> None:
    fuzzing.check(READERS[name], case)
