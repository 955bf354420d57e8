from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.clean import apply, chain
from corpusmill.clean.gutenberg import strip_footer, strip_header

LINE = "It was a dark and stormy night; the rain fell in torrents.\n"
BOOK = "A TITLE\n\nChapter 1\n\n" + LINE * 3000 + "\nTHE END"
LICENCE = "Redistribution is subject to the trademark license.\n" * 370  # 19 kB, as long as the real one
SMALL_PRINT = (
    "***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***\n"
    + 'Why is this "Small Print!" here?\n' * 60
)
STARTS = [
    "*** START OF THIS PROJECT GUTENBERG EBOOK A TITLE ***",
    "*** START OF THE PROJECT GUTENBERG EBOOK, A TITLE ***",
    "***START OF THE PROJECT GUTENBERG EBOOK A TITLE, OR THE MODERN\nBOOK***",
    "*** START OF THE COPYRIGHTED PROJECT GUTENBERG EBOOK A TITLE ***",
    "*** START OF THE PROJECT GUTENBERG EBOOK A TITLE",
    SMALL_PRINT + "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*",
    SMALL_PRINT + "*END THE SMALL PRINT! FOR PUBLIC DOMAIN EBOOKS*Ver.02/11/02*END*",
    SMALL_PRINT + "**END THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.08.01*END**",
    '["Small Print" V.12.08.93]',
]
ENDS = [
    "*** END OF THIS PROJECT GUTENBERG EBOOK A TITLE ***",
    "***END OF THE PROJECT GUTENBERG EBOOK A TITLE***",
    "*** END OF THE COPYRIGHTED PROJECT GUTENBERG EBOOK A TITLE ***",
    "End of the Project Gutenberg EBook of A Title, by\nAn Author",
    "End of this Project Gutenberg Etext of A Title",
    "End of Project Gutenberg\u2019s A Title, by An Author",
    "End of Project Gutenberg's Etext of A Title",
    "Ende dieses Project Gutenberg Etextes",
    "Fin de Project Gutenberg Etext",
    "*** START: FULL LICENSE ***",
]


def stripped(text: str) -> str:
    return strip_footer(strip_header(text))


@pytest.mark.parametrize("start", STARTS)
def test_header_goes_and_the_book_stays(start: str) -> None:
    assert strip_header(f"The Project Gutenberg Etext of A Title\n\n{start}\n\n\n{BOOK}") == BOOK


@pytest.mark.parametrize("end", ENDS)
def test_footer_goes_and_the_book_stays(end: str) -> None:
    assert strip_footer(f"{BOOK}\n\n\n{end}\n\n{LICENCE}") == BOOK


@pytest.mark.parametrize(
    "credit",
    [
        "Produced by Judith Boss, Christy Phillips,\nand David Meltzer. HTML version by Al Haines.",
        "E-text prepared by An Other",
        "This etext was prepared by An Other",
        "This eBook was produced by An Other",
        "Produced by An Other and the Online\nDistributed Proofreading Team at http://www.pgdp.net",
        "Transcriber's Note: spelling is kept.",
        "[Portions of this header are copyright (C) 2001 by Michael S. Hart]",
        "[Chapters 1-6:  mostly scanned by David Meltzer,\nproofread by Christy Phillips",
        "(Additional editing by A. Menendo)",
        "(Additional\nediting by\nA. Menendo)",
        "Additional proofreading and formatting by B. Able.",
        "Further corrections by C. Dole",
        "HTML version by D. Early.",
        "HTML version prepared by D. Early",
        "[Transcribed by E. Fox from the first edition]",
        "[Transcribed from the 1890 edition of Foster & Sons\nby G. Hill, email gh@example.org]",
        "TRANSCRIBED BY E. FOX",
        "Scanned and proofed by H. Ives",
        "Scanned, proofread,\nand converted to HTML by: J. Knox",
        "Typed by an anonymous volunteer",
        "OCR and proofreading by K. Lane",
        "Etext produced by L. Moor",
        "e-text prepared by\nL. Moor",
        "The etext was prepared by M. Noon",
        "This eBook was originally produced in 1998 by N. Oak; this file has been\nupdated since.",
        "This electronic edition, prepared by O. Park",
        "Text file produced by P. Quill",
        "(This file was produced from images generously made\navailable by The Internet Archive)",
        "Page images were generously provided by a library.",
        "Updated editions will replace the previous one.",
        "[Most recently updated: May 30, 2005]",
        "[Last updated: May 30, 2005]",
        "Note: Project Gutenberg also has an HTML version of this file.",
        "TRANSCRIBER'S NOTES: spelling is kept.",
        "[Transcriber's Note:\n\nThe spelling is kept.\n\nSo are the commas.]",
        "_Produced by R. Stone_",
        "This book was scanned by S. Tower",
        "Conversion to HTML by U. Vane",
        "Original e-text by U. Vane",
        "Credits: W. Young and Z. Abel",
        "Transcribers: W. Young,\nZ. Abel",
        "With special thanks to W. Young for scanning the pages",
        "[This file was first posted on June 7, 2003]",
    ],
)
def test_credits_right_behind_the_header_go_too(credit: str) -> None:
    assert strip_header(f"{STARTS[0]}\n\n{credit}\n\nScanned by A. Third\n\n\n{BOOK}") == BOOK
    assert strip_header(BOOK + credit) == BOOK + credit


@pytest.mark.parametrize(
    "own",
    [
        "Produced by the rain, the mud was deep.",
        "Prepared by long habit, she rose early.",
        "The mud was deep, and it was\nproduced by Jove himself, they said.",
        "Scanning by night the sky, he waited.",
        "Edited by A. N. Editor",
        "This book was prepared by Mr. Editor for schools.",
        "Translated by A. N. Other",
        "Illustrated by A. N. Other",
        "Revised and corrected by the author",
        "A NEW EDITION, PREPARED BY A SCHOLAR\n\nProduced by A. Person",
        "The editing by day and the typing by night wore him out.",
        "This text was read to me by Mother.",
        "(A tale)",
        "[Illustration: The house by the river]",
        "Note: The names are changed.",
        "By the Author of Waverley",
        "Text and music by A. Composer",
        "An e-mail by A. Person",
        "Thanks to the Muse, and to my mother.",
    ],
)
def test_a_first_paragraph_that_is_no_credit_stays(own: str) -> None:
    text = f"{own}\n\n{BOOK}"
    assert strip_header(f"{STARTS[0]}\n\nProduced by An Other\n\n\n{text}") == text


@pytest.mark.parametrize("credit", ["Produced by An Other", "(Additional editing by\nAn Other)"])
def test_a_title_right_behind_credits_stays(credit: str) -> None:
    assert (
        strip_header(f"{STARTS[0]}\n{credit}\nTHE TITLE\nof a book\n\n{BOOK}")
        == f"THE TITLE\nof a book\n\n{BOOK}"
    )
    text = f"THE TITLE\n{credit}\n\n{BOOK}"
    assert strip_header(f"{STARTS[0]}\n\n{text}") == text


def test_a_bracket_that_is_not_closed_takes_no_more_than_its_paragraph() -> None:
    for rest in (BOOK, f"[Illustration]\n\n{BOOK}"):
        assert strip_header(f"{STARTS[0]}\n\n[Transcriber's note: it is open\n\n{rest}") == rest


def test_a_paragraph_that_is_too_long_for_credits_stays() -> None:
    text = "Produced by the rain,\n" + LINE * 40 + "\n" + BOOK
    assert strip_header(f"{STARTS[0]}\n\n{text}") == text


@pytest.mark.parametrize("length", [20, 3000])
def test_small_print_at_the_end_does_not_take_the_book(length: int) -> None:
    """Editions of 2002-03; the short one lies whole within reach of both searches."""
    book = "A TITLE\n\n" + LINE * length + "\nTHE END"
    small_print = f"{SMALL_PRINT}*END THE SMALL PRINT! FOR PUBLIC DOMAIN EBOOKS*Ver.02/11/02*END*\n\n"
    for header in ("", f"Title: A\n\n{STARTS[1]}\n\n"):
        assert stripped(f"{header}{book}\n\n{small_print}") == book
        assert stripped(f"{header}{book}\n\n{ENDS[0]}\n\nThis file is a12.txt.\n\n{small_print}") == book
        assert stripped(f"{header}{book}\n\n{ENDS[0]}\n\n{small_print}{LICENCE}") == book


def test_the_last_of_several_header_markers_counts() -> None:
    for header in (f"{STARTS[5]}\n\n{STARTS[0]}", f"{STARTS[0]}\n\n{STARTS[5]}"):
        assert strip_header(f"{header}\n\n{BOOK}") == BOOK


def test_licence_of_a_tenth_of_the_text_and_more_is_found() -> None:
    book = LINE * 100
    assert len(LICENCE) > 3 * len(book)
    assert stripped(f"Header\n\n{STARTS[0]}\n\n{book}\n{ENDS[0]}\n{LICENCE}") == book.rstrip()


def test_marker_in_the_middle_of_a_book_is_part_of_it() -> None:
    text = f"{BOOK}\n\n{STARTS[0]}\n\n{STARTS[5]}\n\n{ENDS[0]}\n\n{BOOK}"
    assert stripped(text) == text


@given(st.text(st.sampled_from("*END OF\n ab"), max_size=300))
def test_text_without_a_marker_is_left_alone(text: str) -> None:
    assert strip_header(text) == text
    assert strip_footer(text) == text


def test_searches_are_linear_on_stars_blanks_and_open_markers() -> None:
    for unit in (
        "*",
        " ",
        "***",
        "*** START OF THE PROJECT GUTENBERG EBOOK a\n",
        "End of ",
        "\n",
        "* \n",
        SMALL_PRINT[:60] + "\n",
    ):
        stripped(unit * (1_000_000 // len(unit)))


def real_books() -> Path:
    return Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "books" / "gutenberg"


FIRST = {"alice": "ALICE'S ADVENTURES IN WONDERLAND\n\n", "frank": "Frankenstein"}
LAST = {"alice": "THE END", "frank": "lost in darkness and distance."}
OPENING = {
    "alice": "Alice was beginning to get very tired of sitting",
    "frank": "You will rejoice to hear that no disaster",
}


@pytest.mark.parametrize("book", ["alice", "frank"])
def test_real_books_lose_header_and_footer_and_keep_their_first_and_last_sentences(book: str) -> None:
    if not real_books().is_dir():
        pytest.skip("the real samples (a folder `shared` beside the checkout) are not here")
    paths = sorted(real_books().glob(f"{book}_*.txt"))
    assert len(paths) == {"alice": 3, "frank": 12}[book]
    rules = chain(["newlines", "gutenberg_header", "gutenberg_footer", "ftfy", "whitespace"])
    for path in paths:
        cleaned, changes = apply(rules, path.read_bytes().decode("utf-8-sig"))
        assert "gutenberg" not in cleaned.lower(), path
        assert "small print" not in cleaned.lower(), path
        assert cleaned.startswith(FIRST[book]), path
        assert " ".join(cleaned.split()).endswith(LAST[book]), path
        assert OPENING[book] in " ".join(cleaned.split()), path
        took = {change.rule: change.taken for change in changes}
        print(f"{path.name:24} {path.stat().st_size} bytes, removed {took}")  # shown by pytest -s
        assert 600 < took["gutenberg_header"] < 14_100, path
        assert took.get("gutenberg_footer", 0) < 19_000, path
