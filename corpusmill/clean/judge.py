import numpy as np


def judge(options, sources, signals):
    broken = np.full(len(sources), None, object)
    values = np.full(len(sources), np.nan)
    if options.min_lines:
        out = signals["n_lines"] < options.min_lines
        broken[out] = "min_lines"
        values[out] = signals["n_lines"][out]
    return broken, values
