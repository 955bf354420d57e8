"""What is taken off real Gutenberg books: bytes of header and footer, and whether the body is untouched.

python benchmarks/gutenberg.py --samples DIR    # a folder with books/gutenberg/*.txt and books/pg19/*.txt

The samples hold neither an edition of 2002-03, whose small print closes the book, nor one in cp1252; both are
made of those that are there.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from corpusmill.clean import apply, chain
from corpusmill.sources.texts import decode

RULES = chain(["newlines", "gutenberg_header", "gutenberg_footer"])
# Of the licence, the small print and the transcribers' credits; none is a word of these books.
APPARATUS = re.compile(r"gutenberg|small print|\be-?text|public domain|www\.", re.IGNORECASE)
START = "*** START OF THE PROJECT GUTENBERG EBOOK, A TITLE ***"  # of 2002-03: with a comma
SMALL_PRINT = re.compile(r"\*{3}START\*{2}THE SMALL PRINT.*?^\*END\*[^\n]*$", re.MULTILINE | re.DOTALL)


def books(samples: Path) -> Iterator[tuple[str, bytes]]:
    """(name, content) of every book, as it is, in cp1252 if that is another file, and as of 2002-03."""
    for path in sorted([*samples.glob("books/gutenberg/*.txt"), *samples.glob("books/pg19/*.txt")]):
        content = path.read_bytes()
        yield path.name, content
        text = content.decode("utf-8-sig")
        if not text.isascii():
            yield f"{path.name} cp1252", text.encode("cp1252")
        elif small_print := SMALL_PRINT.search(text):
            before, after = text[: small_print.start()], text[small_print.end() :]
            yield f"{path.name} 2002", f"{before}{START}{after}\r\n\r\n{small_print.group()}\r\n".encode()


def main() -> None:
    """Print a row a book; fail if a body is not a part of its file, or apparatus is left in it."""
    parser = argparse.ArgumentParser(description="What is taken off real Gutenberg books.")
    parser.add_argument("--samples", type=Path, required=True, help="a folder of real dumps")
    print(f"{'book':<28}{'encoding':<9}{'bytes':>8}{'header':>8}{'footer':>8}  begins ... ends")
    failed = []
    for name, content in books(parser.parse_args().samples):
        text, encoding = decode(content)
        body, changes = apply(RULES, text)
        taken = {change.rule: change.taken for change in changes}
        if text.replace("\r\n", "\n").count(body) != 1 or APPARATUS.search(body) or not body.strip():
            failed.append(name)
        words = body.split()
        print(
            f"{name:<28}{encoding:<9}{len(content):>8,}{taken.get('gutenberg_header', 0):>8,}"
            f"{taken.get('gutenberg_footer', 0):>8,}  {' '.join(words[:4])} ... {' '.join(words[-4:])}"
        )
    if failed:
        sys.exit(f"not as they should be: {failed}")


if __name__ == "__main__":
    main()
