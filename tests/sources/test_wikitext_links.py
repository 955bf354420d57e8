import pytest

from corpusmill.sources.wikitext import plain_text
from corpusmill.sources.wikitext_languages import EDITIONS, OTHER_WIKIS

NAMESPACES = [("File", 6), ("Category", 14), ("Wikipedia", 4), ("Portal", 100), ("Datei", 6), ("Media", -2)]


@pytest.mark.parametrize(
    ("link", "text"),
    [
        ("[[NCIS: Boston]]", "NCIS: Boston"),
        ("[[CSI: Boston|the sequel]]", "the sequel"),
        ("[[Re:Born]]", "Re:Born"),
        ("[[Ex: A Play|Ex]]", "Ex"),
        ("[[Ben-Hur: A Play|Ben-Hur]]", "Ben-Hur"),
        ("[[UFO: The Facts]]", "UFO: The Facts"),
        ("[[Mission: Unlikely]]", "Mission: Unlikely"),
        ("[[X-Y: Z]] [[ABC-DEF: G]] [[a: b]]", "X-Y: Z ABC-DEF: G a: b"),
        ("[[de:Fuchs]][[DE : Fuchs]][[is:Refur]][[Simple:Fox|label]][[be-x-old:Ліс]][[zh-min-nan:H]]", ""),
        ("[[roa-rup:a]][[nds-nl:a]][[cbk-zam:a]][[be_x_old:a]]", "be_x_old:a"),
        ("[[:de:Fuchs]] and [[:de:Fuchs|Fuchs]]", "de:Fuchs and Fuchs"),
        ("[[wikt:fox|fox]] [[s:Text]] [[doi:10.1/2]] [[commons:File:a.jpg|photo]] [[b:A.djvu|B]]",
         "fox s:Text doi:10.1/2 photo B"),
        ("[[w:de:Fuchs|Fuchs]] [[zz:a]]", "Fuchs zz:a"),
        ("[[File:a.jpg|thumb|b]][[category: c]][[ Image : a ]][[Datei:d|e]][[_File:f]]", ""),
        ("[[:Category:Foxes]] [[:File:a.jpg]] [[Wikipedia:A.pdf|rule]]", "Category:Foxes File:a.jpg rule"),
        ("[[Cat{{=}}a: b]] [[a|b: c]] [[fr|d]]", "Cat=a: b b: c d"),
    ],
)  # fmt: skip
def test_only_languages_files_and_categories_vanish(link: str, text: str) -> None:
    assert plain_text(link, NAMESPACES) == text


def test_codes_are_those_of_wikipedias_and_words_are_none() -> None:
    assert len(EDITIONS) > 330
    assert {"en", "ceb", "sv", "it", "no", "war", "bat-smg", "fiu-vro", "map-bms", "nb", "als"} <= EDITIONS
    assert not EDITIONS & {"csi", "re", "spy", "ufc", "ben-hur", "ex", "svu", "dk", "cz", "jp"}
    assert not EDITIONS & OTHER_WIKIS
