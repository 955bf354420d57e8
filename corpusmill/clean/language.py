"""Which language a text is in: py3langid, whose model ships in its package.

It judges by the first characters only, so the cost of a long document is that of a page.
"""

MAX_CHARACTERS = 8_192


def identify(text: str) -> str:
    """The ISO 639-1 code of the language that `text` is most likely in."""
    import py3langid  # loads its model, which takes half a second, so not before it is needed

    code: str = py3langid.classify(text[:MAX_CHARACTERS])[0]
    return code
