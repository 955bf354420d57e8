"""The demo: inputs made on the spot, with duplicates whose Jaccard is known, and what became of them.

`inputs.make` writes the inputs and their truth, `outcome.summarize` compares a finished run with it. What
is compared here is computed in plain Python and shares no code with the pipeline's kernels.
"""
