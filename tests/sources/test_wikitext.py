import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.sources.wikitext import plain_text


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("'''Fox''' is ''an'' '''''animal'''''.", "Fox is an animal."),
        ("''L''''âme''", "L'âme"),
        ("a [[fox]], [[Foxes|the foxes]] and [[Fox#Red|red]]", "a fox, the foxes and red"),
        ("see [[:Category:Foxes]] and [[wikt:fox|fox]]", "see Category:Foxes and fox"),
        ("a[[Category:Foxes]] [[de:Fuchs]][[Image:a.jpg]]b", "a b"),
        ("a\n[[File:a.jpg|thumb|A [[fox|''red'' fox]] in [[snow]].\n\n{{legend}}]]\nb", "a\n\nb"),
        ("a [http://x.org the site], [https://x.org] [//x.org/?a=b c]", "a the site, c"),
        ("a {{cite|x={{y|[[z]]}}|{{{1}}}}} b {{{p|q}}} c", "a b c"),
        ("{{a\n|b=c\n}}\nText", "Text"),
        ("a<ref>x</ref> b<ref name='y' /> c<REF name=z>{{q}}</REF > d", "a b c d"),
        ("a<!-- b\n --> c <!-- d", "a c"),
        ("a\n{| class=x\n|-\n| b\n{|\n| c\n|}\n|}\nd", "a\n\nd"),
        ("a\n<table><tr><td>b<table></table></table>\nc", "a\n\nc"),
        ("<div style='a'>x</div><b>y</b> H<sub>2</sub>O a<br/>b", "x\ny H2O a\nb"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("a&nbsp;b &lt;ref&gt; &amp;amp; &eacute;", "a b <ref> &amp; é"),
        ("== H ==\na\n=== I ===\n\n* b\n** [[c]]\n# d\n; e: f\n:g", "H\n\na\n\nI\n\nb\nc\nd\ne: f\ng"),
        ("a\n== References ==\n{{reflist}}\n<references/>\n== See also ==\nb", "a\n\nSee also\n\nb"),
        ("== A ==\n== B ==\n=== C ===\nx\n== D ==\n=== E ===\n", "B\n\nC\n\nx"),
        ("Fox ({{lang|x}}; {{ipa}}) or ({{x}}; b, {{y}}) is {{x}}, a.", "Fox or (b) is, a."),
        ("a __NOTOC__ b\n----\nc", "a b\n\nc"),
        ("a <math>x|y</math> <gallery>\nFile:a.jpg|b\n</gallery> b", "a b"),
        ("a <nowiki>[[b]] ''c'' &lt;</nowiki> d", "a [[b]] ''c'' < d"),
        ("x\n<pre>\n  if a:\n    [[b]]\n</pre>", "x\n\n  if a:\n    [[b]]"),
        ("{{a", "a"),
        ("a}} [[b c]] ]] {{d\n| e = f\n|}\n[[g\n\nh]]", "a b c d\n\ng\n\nh"),
        ("a <ref> b", "a b"),
        ("{{a}}\n[[Category:b]]", ""),
    ],
)
def test_reader_sees_the_running_text(wikitext: str, text: str) -> None:
    assert plain_text(wikitext) == text


def test_files_and_categories_have_the_names_of_their_wiki() -> None:
    wikitext = "a [[Файл:x|b]] [[Категория:y]] [[Портал:z]] [[Картинка:x.JPG|thumb|c]]"
    assert plain_text(wikitext, [("Файл", 6), ("Категория", 14), ("Портал", 100)]) == "a Портал:z"


_PIECES = st.sampled_from(
    [
        *("{{", "}}", "{{{", "}}}", "[[", "]]", "{|", "|}", "|", "\n", "\n\n", "==", "'''", "''", "\0", "0"),
        *(
            "<ref>",
            "</ref>",
            "<ref/>",
            "<!--",
            "-->",
            "<pre>",
            "</pre>",
            "<table>",
            "</table>",
            "<b>",
            "&#0;",
        ),
        *("[http://a", "]", "(", ";", ")", " ", "File:", "a", "word", "é", "*", "----", "__TOC__", "&nbsp;"),
    ]
)


@settings(max_examples=300)
@given(st.lists(_PIECES, max_size=60).map("".join))
def test_any_wikitext_becomes_tidy_lines(wikitext: str) -> None:
    text = plain_text(wikitext)
    assert text == text.strip()
    assert "\0" not in text
    assert "<pre" in wikitext or "\n\n\n" not in text


_WORDS = st.text("abc ", min_size=1, max_size=8).map(lambda text: f"x{text}x".replace("  ", " "))


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        inner.map("{{{{{}}}}}".format),
        inner.map("{{{{{{{}}}}}}}".format),
        inner.map("[[File:{}]]".format),
        inner.map("\n{{|\n|{}\n|}}\n".format),
        st.tuples(inner, inner).map("".join),
    )


@settings(max_examples=200)
@given(st.recursive(_WORDS | _WORDS.map("<!--{}-->".format), _nested, max_leaves=12))
def test_whatever_is_nested_in_what_is_dropped_goes_with_it(wikitext: str) -> None:
    assert plain_text(f"before {{{{t|{wikitext}}}}} after") == "before after"


HOSTILE = [
    *("{{", "}}", "[[", "]]", "[[a|", "{{a|", "{", "[", "<", "<b>", "<ref>", "<ref ", "<!--", "<table ", "&"),
    *(
        "''",
        "'''a''",
        "{|\n|",
        "|}\n",
        "{{a|[[b|<i>",
        "[http://a ",
        "[http:",
        "==a\n",
        "=",
        "_",
        "(",
        "( ",
        ";",
    ),
    *(" ,", "\n", "\n ", "\t|", "* ", "<nowiki>a</nowiki>", "<ref>a</ref ", "[[File:a|", "<pre>", "</pre "),
]


@pytest.mark.timeout(120)  # it takes 2 s; where something is quadratic, minutes
def test_hostile_pages_take_time_in_proportion_to_their_length() -> None:
    for piece in HOSTILE:
        plain_text(piece * (200_000 // len(piece)))
    plain_text("[[a|" * 50_000 + "]]" * 50_000)
    plain_text("{{" * 50_000 + "}}" * 50_000)
    plain_text("{|\n" * 50_000 + "|}\n" * 50_000)


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("more than {{convert|300|km|mi|abbr=on}} away", "more than 300 km away"),
        ("{{Convert|10|to|20|ft|m}} tall", "10 to 20 ft tall"),
        ("{{cvt|1,000|sqmi}} of sand", "1,000 sqmi of sand"),
        ("{{lang|fr|[[a|texte]] ici|italic=no}} it says", "texte ici it says"),
        ("from {{lang|grc|ἀναρχία}}", "from ἀναρχία"),
        ("{{nowrap|so it is}}", "so it is"),
        ("{{abbr|Dr|Doctor}} Who", "Dr Who"),
        ("{{cite|x={{lang|fr|texte}}}}only this", "only this"),
    ],
)
def test_templates_that_hold_running_text_keep_it(wikitext: str, text: str) -> None:
    assert plain_text(wikitext) == text
