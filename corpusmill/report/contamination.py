"""What the corpus has, or had, of evaluation sets: ingest's facts as rows for stats and page."""

from collections.abc import Mapping
from typing import Any

from corpusmill.report.accounts import Row


def collect(facts: Mapping[str, Any]) -> list[Row] | None:
    """One row a set, by name, of ingest's `facts["contamination"]`; None if there are no sets.

    Counts are of the set's examples: all, those with too few words to be searched for, those of which
    something was found; and of documents in which it was found, with the words there. `samples` are documents
    around the first of these words, each with one example that holds them.
    """
    found = facts.get("contamination")
    if not found:
        return None
    return [
        {
            "set": name,
            **{key: each[key] for key in ("examples", "too_short", "found", "documents", "words")},
            "samples": [
                {key: value for key, value in sample.items() if key != "key"} for sample in each["samples"]
            ],
        }
        for name, each in found.items()
    ]
