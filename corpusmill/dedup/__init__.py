"""Duplicates by exact Jaccard: words, shingles, signatures, bands, verification and resolution.

Pure functions on arrays and str; nothing here reads a file or knows an engine.
"""
