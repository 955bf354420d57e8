"""A run's report: one self-contained HTML page and the numbers behind it, `stats.json`.

Importing this package loads no plotting library; `build` does.
"""

from corpusmill.report.page import build

__all__ = ["build"]
