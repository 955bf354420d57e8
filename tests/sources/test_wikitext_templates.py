import time

import pytest

from corpusmill.sources.wikitext import plain_text
from corpusmill.sources.wikitext_template_fields import fields_of
from corpusmill.sources.wikitext_template_functions import COMPUTED
from corpusmill.sources.wikitext_template_names import PATTERNS


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("the way is {{nowrap|{{convert|7|mi|km}} far}}", "the way is 7 mi far"),
        ("it is {{lang|fr|la rue {{nowrap|du sud}}}}", "it is la rue du sud"),
        ("{{small|{{lang|la|{{nowrap|{{abbr|a. b.|c}} d}}}}}}", "a. b. d"),
        ("{{infobox|x={{nowrap|y}}}}{{cite|{{lang|fr|z}}}}a", "a"),
        ("{{nowrap|{{unknown|x}} left}}", "left"),
        ("a ({{nowrap|{{unknown|x}}}}) b", "a b"),
        ("{{nowrap|[[Fox|the {{small|red}} fox]] and [[a|b]]}}", "the red fox and b"),
        ("{{lang|fr|[[a{{!}}texte]]}}", "texte"),
        ("{{nowrap|1=x = y}}", "x = y"),
        ("{{nowrap|x {{=}} y}}", "x = y"),
        ("{{ Nowrap \n| x }} {{no_wrap|y}} {{Template:nowrap|z}}", "x y z"),
        ("{x{{nowrap|y}}}", "{xy}"),
        (
            "{{formatnum:1234567.25}} {{formatnum:999}} {{formatnum:{{nowrap|4321}}}}",
            "1,234,567.25 999 4,321",
        ),
        ("{{formatnum:1,234|R}} {{formatnum:12345|NOSEP}} {{formatnum:-54321}}", "1234 12345 -54,321"),
        ("{{lc:ABC}} {{uc:abc}} {{ucfirst:abc}} {{lcfirst:ABC}} {{#if:x|y}}", "abc ABC Abc aBC"),
    ],
)
def test_nested_templates_keep_what_they_hold(wikitext: str, text: str) -> None:
    assert plain_text(wikitext) == text


@pytest.mark.parametrize(
    "name", ["blockquote", "quote", "cquote", "quotation", "poemquote", "centered pull quote", "quote box"]
)
def test_quotation_is_a_paragraph(name: str) -> None:
    for field in ("", "1=", "text=", "quote="):
        wikitext = f"He said: {{{{{name}|{field}This [[town|place]] {{{{nowrap|is ''ours''}}}}.}}}} And left."
        assert plain_text(wikitext) == "He said:\n\nThis place is ours.\n\nAnd left."


@pytest.mark.parametrize(
    "wikitext",
    [
        "{{quote|To be.|Hamlet|''Hamlet''}}",
        "{{blockquote|text=To be.|author=Hamlet|title=Hamlet}}",
        "{{cquote|To be.|20px|20px|Hamlet|Hamlet}}",
        "{{rquote|right|To be.|Hamlet|Hamlet}}",
    ],
)
def test_who_is_quoted_stands_behind_the_quotation(wikitext: str) -> None:
    assert plain_text(wikitext) == "To be.\n\n— Hamlet, Hamlet"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{convert|5|ft|10|in|m}}", "5 ft 10 in"),
        ("{{convert|10|-|12|km|mi|0}}", "10–12 km"),
        ("{{convert|{{frac|3|1|2}}|in|mm}}", "3 1/2 in"),
        ("{{as of|2010}}", "As of 2010"),
        ("{{As of|2010|5|lc=y}}", "as of May 2010"),
        ("{{as of|2010|5|3|df=US|since=y}}", "Since May 3, 2010"),
        ("{{as of|2010|alt=by then}}", "by then"),
        ("{{circa|1900}}", "c. 1900"),
        ("{{c.|1900|1910}}", "c. 1900 – c. 1910"),
        ("{{fl.|1200}}", "fl. 1200"),
        ("{{frac|1|2}}", "1/2"),
        ("{{frac|2|3|4}}", "2 3/4"),
        ("{{val|12|u=km}}", "12 km"),
        ("{{val|1.5|0.2|e=6|u=m}}", "(1.5±0.2)×10^6 m"),
        ("{{birth date|1970|1|2}}", "January 2, 1970"),
        ("{{birth date and age|1970|1|2|df=y}}", "2 January 1970"),
        ("{{OldStyleDate|8 May|1700|27 April}}", "8 May [O.S. 27 April] 1700"),
        ("{{USS|Enterprise|CV-6}}", "USS Enterprise (CV-6)"),
        ("{{HMS|Victory|1765|2}}", "HMS Victory"),
        ("{{HMS|Victory|1765|6}}", "Victory"),
        ("{{ship|French frigate|Ville|1800|3}}", "Ville (1800)"),
        ("{{sclass|Nimitz|aircraft carrier}}", "Nimitz-class aircraft carrier"),
        ("{{nihongo|Way|道|dō}}", "Way (道, dō)"),
        ("{{nihongo|Way}}", "Way"),
        ("{{ill|A Name|de|Ein Name}}", "A Name"),
        ("{{interlanguage link|A|fr|lt=B}}", "B"),
        ("{{lang|grc|ἀρχή}}", "ἀρχή"),
        ("{{transl|grc|DIN|arkhē}}", "arkhē"),
        ("{{sic|teh}}", "teh [sic]"),
        ("{{sic|teh|hide=y}}", "teh"),
        ("a{{ndash}}b", "a–b"),
        ("a{{spaced ndash}}b", "a – b"),
        ("a{{nbsp}}b", "a b"),
        ("x{{'}}", "x'"),
        ("{{hlist|a|b|[[c|d]]}}", "a · b · d"),
        ("{{ubl|a|b}}", "a\nb"),
        ("{{chem|H|2|O}}", "H2O"),
        ("{{sortname|Ann|Lee}}", "Ann Lee"),
        ("{{bibleverse||John|3:16|KJV}} {{bibleverse|1|Kings|2:3}}", "John 3:16 1 Kings 2:3"),
        ("{{ordinal|11}} {{ordinal|22}}", "11th 22nd"),
        ("x {{IPA|en|y}} {{lang-fr|z}} {{coord|1|2}} {{cn}} w", "x w"),
    ],
)
def test_template_shows_what_a_reader_sees(template: str, text: str) -> None:
    assert plain_text(template) == text


def test_field_has_a_name_only_if_it_says_so() -> None:
    fields = fields_of("t|a|n = b|[[c|d=e]]|http://x?y=z|2= f ")
    assert fields.counted == ["a", "[[c|d=e]]", "http://x?y=z"]
    assert fields.named == {"n": "b", "2": "f"}
    assert [fields.get(name) for name in ("1", "2", "3", "4", "-1", "n", "x")] == [
        *("a", "f", "http://x?y=z", "", "http://x?y=z", "b", "")
    ]
    assert fields_of("t|[[a|b").counted == ["[[a", "b"]


def test_every_pattern_has_its_function_and_a_name_that_can_be_written() -> None:
    for name, pattern in PATTERNS.items():
        assert name == " ".join(name.lower().split())
        assert not set(name) & set("{}[]|<>")
        assert pattern == "=" or pattern[0] != "=" or pattern[1:] in {*COMPUTED, "ship"}


def test_templates_beyond_mediawiki_s_depth_show_nothing() -> None:
    assert plain_text("{{small|" * 39 + "x" + "}}" * 39) == "x"
    assert plain_text("a" + "{{small|" * 60 + "x" + "}}" * 60) == "a"


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "piece",
    [
        *(
            "{{nowrap|",
            "{{quote|a}}",
            "{{nowrap|{{a}}",
            "{{a}}, ",
            "({{a}}",
            "({{a}})",
            "{{a|b}} ",
            "|[[",
            "{{'s}}",
        ),
        *(
            "''a'''s ",
            "l'''a'' ",
            "'''''a''",
            "({{a}}) or ",
            "{{formatnum:",
            "[[a]]'''",
            "{{nowrap|{{!}}",
            "({{a}}, ",
        ),
    ],
)
def test_time_grows_with_the_text(piece: str) -> None:
    def seconds(size: int, open_: str = "", close: str = "") -> float:
        text = open_ + piece * (size // len(piece)) + close
        times = []
        for _ in range(2):
            started = time.process_time()
            plain_text(text)
            times.append(time.process_time() - started)
        return min(times)

    for open_, close in (("", ""), ("{{nowrap|", "}}"), ("", "}}" * 20_000), ("word " * 10_000, "")):
        small, _, large = (seconds(size, open_, close) for size in (50_000, 100_000, 200_000))
        assert large < 12 * small + 0.3  # linear is 4 times, quadratic 16
