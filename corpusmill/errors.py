"""Errors that a user can act on. The command line prints them as one line and no traceback."""


class CorpusmillError(Exception):
    """What was wrong, where (file, record, option), and what to do about it, in one line."""
