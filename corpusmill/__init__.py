"""corpusmill: raw dumps to a deduplicated, tokenized corpus, and OPT models trained on it."""

__version__ = "0.1.0"
