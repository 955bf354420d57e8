"""The stages and what carries them: work items with receipts, the exchange, the process pool, the engine.

The only package that imports Beam, and it does so in `engine` alone, inside the driver: the functions of
the other modules run in pool children, where Beam would cost 200 MB and two seconds each.
"""
