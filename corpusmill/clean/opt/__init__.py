"""What OPT took out of its corpora, beside white space: the rules published as the preprocessing of its data.

They are the "removing repetitive/non-informative text" of its paper (arXiv 2205.01068, 2.3), as far as its
authors have shown it (Roller's script, linked in metaseq#20; the rules are described, not copied). `sources`
says which corpus is cleaned by which. All are pure and linear in the text.
"""

from collections.abc import Callable

from corpusmill.clean.opt import gutenberg, hackernews, lines

RULES: dict[str, Callable[[str], str]] = {
    "opt_wikipedia": lines.opt_wikipedia,
    "opt_bookcorpus": lines.opt_bookcorpus,
    "opt_bookcorpus_faithful": lines.opt_bookcorpus_faithful,
    "opt_opensubtitles": lines.opt_opensubtitles,
    "opt_mathematics": lines.opt_mathematics,
    "opt_stackexchange": lines.opt_stackexchange,
    "opt_gutenberg": gutenberg.opt_gutenberg,
    "opt_gutenberg_faithful": gutenberg.opt_gutenberg_faithful,
    "opt_hackernews": hackernews.opt_hackernews,
    "opt_hackernews_faithful": hackernews.opt_hackernews_faithful,
}
FAITHFUL = {name: f"{name}_faithful" for name in RULES if f"{name}_faithful" in RULES}
"""{a rule in which OPT's mistakes are mended: the same with them}."""
POSITIONAL = frozenset(
    name for name in RULES if name.startswith(("opt_mathematics", "opt_gutenberg", "opt_hackernews"))
)
"""Rules that go by the places of lines, so that each application takes more: a chain has one at most."""
