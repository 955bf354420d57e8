"""A pseudorandom permutation of 0 … size - 1, computed an index at a time.

So a shuffled epoch needs no index file and no memory, and any place in it is reached at once. It is a
balanced Feistel network of six rounds, which permutes the next power of four, walked along its cycle until
it lands inside the range. An affine map `(a·i + b) mod size` would be shorter, but its successive indices
keep the same few differences, and trainings were seen to suffer from that.
"""

import hashlib

_ROUNDS = 6
_WORD = (1 << 64) - 1


def derive_key(*parts: int | str) -> int:
    """A 64-bit key; other parts, or another order of them, give an independent one."""
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def permute(index: int, size: int, key: int) -> int:
    """Where `index` (0 ≤ index < size) goes in the permutation that `key` (64 bits) names."""
    if not 0 <= index < size:
        raise IndexError(f"index {index} of {size}")
    half = max(1, ((size - 1).bit_length() + 1) // 2)
    mask = (1 << half) - 1
    while True:
        left, right = index >> half, index & mask
        for number in range(_ROUNDS):
            left, right = right, left ^ (_mix(key + number, right) & mask)
        index = left << half | right
        # The domain is less than four times the range, so this ends after four rounds on average at most.
        if index < size:
            return index


def _mix(key: int, value: int) -> int:
    """64 bits of which each depends on all of `value` (the finaliser of splitmix64)."""
    word = (key * 0x9E3779B97F4A7C15 + value * 0xD1342543DE82EF95 + 1) & _WORD
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & _WORD
    return word ^ (word >> 31)
