"""How many bands of how many rows: the loosest cut that a recall floor allows, and no looser.

Two sets with Jaccard J share a band of r rows with probability Jʳ and one of b bands with probability
1 − (1 − Jʳ)ᵇ (Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, §3.4). Proposed pairs are
verified exactly, so the only error is a pair that no band proposes: the floor bounds it.
"""

from dataclasses import dataclass

from corpusmill.errors import CorpusmillError


@dataclass(frozen=True, kw_only=True)
class Bands:
    """`bands` bands of `rows` rows each."""

    bands: int
    rows: int

    def recall(self, jaccard: float) -> float:
        """The probability that two sets with this Jaccard share a band."""
        return float(1 - (1 - jaccard**self.rows) ** self.bands)

    def curve(self, points: int = 101) -> list[tuple[float, float]]:
        """(Jaccard, recall) at equally spaced Jaccards from 0 to 1."""
        return [(at / (points - 1), self.recall(at / (points - 1))) for at in range(points)]


def choose(threshold: float, floor: float, permutations: int) -> Bands:
    """The most rows, thus the fewest false proposals, whose recall at `threshold` is at least `floor`;
    all the bands that the permutations give. `CorpusmillError` if no cut reaches the floor.
    """
    for rows in range(permutations, 0, -1):
        cut = Bands(bands=permutations // rows, rows=rows)
        if cut.recall(threshold) >= floor:
            return cut
    raise CorpusmillError(
        f"dedup: no bands of {permutations} permutations find pairs at {threshold} with probability {floor}; "
        "raise `permutations` or lower `recall`"
    )
