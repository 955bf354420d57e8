"""Text repair and the rules of each source: pure functions on str, composed by name."""

from corpusmill.clean.rules import RULES, Change, Rule, apply, chain

__all__ = ["RULES", "Change", "Rule", "apply", "chain"]
