import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.sources.wikitext import plain_text
from corpusmill.sources.wikitext_quotes import without_quotes


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("the ''Evening Post'''s men", "the Evening Post's men"),
        ("the ''Post'''s men and the ''Mail'''s", "the Post's men and the Mail's"),
        ("''A'''s, ''B'''s and ''C'''s", "A's, B's and C's"),
        ("''[[The Post]]'''s men, ''[[Mail|The Mail]]'''s", "The Post's men, The Mail's"),
        ("''[[Post (paper)|Post]]''', said he", "Post', said he"),
        ("''Jeopardy!'''s host", "Jeopardy!'s host"),
        ("the '''Post''' and the ''Mail'''s men", "the Post and the Mail's men"),
        ("'''Post''' is the ''Mail'''s and ''Sun'''s", "Post is the Mail's and Sun's"),
        ("''Post'''s men and '''bold''' ones", "Post's men and bold ones"),
        ("l'''Aube''", "l'Aube"),
        ("L'''Aube'' et d'''Or'' et qu'''elle''", "L'Aube et d'Or et qu'elle"),
        ("''Post''{{'s}} and ''Mail''{{'}} and [[Fox]]{{'s}}", "Post's and Mail' and Fox's"),
        ("'''Post'''{{'s}} men", "Post's men"),
        ("'''Post''''s men", "Post's men"),
        ("''''x''''", "'x'"),
        ("''''''x''''''", "'x'"),
        ("'''bold ''both''''' and '''''both'' bold''' and '''''all'''''", "bold both and both bold and all"),
        ("''italics '''both'' bold'''", "italics both bold"),
        ("'''a''' l'''b'' ''c''", "a l'b c"),
        ("''a\nb'''s", "a\nbs"),
        ("[[a|''b'']]'''c'''", "bc"),
        ("[[Lista d''e paise]]", "Lista d''e paise"),
        ("''X''<nowiki/>'s", "X's"),
        ("rock 'n' roll, 'quoted' and don't", "rock 'n' roll, 'quoted' and don't"),
    ],
)
def test_apostrophe_that_is_text_stays(wikitext: str, text: str) -> None:
    assert plain_text(wikitext) == text


def reference(line: str) -> str:
    """The rule for a line, told slowly: text and runs one by one."""
    parts = re.findall(r"'{2,}|(?:(?!'').)+", line)
    tokens: list[str] = []
    for part in parts:
        if not part.startswith("''"):
            tokens.append(part)
            continue
        if len(part) == 4:
            tokens += ["'", "'''"]
        elif len(part) > 5:
            tokens += ["'" * (len(part) - 5), "'''''"]
        else:
            tokens.append(part)
    italics = bold = False
    since = 0  # the token since which not both are closed
    for i, token in enumerate(tokens):
        italics ^= token in ("''", "'''''")
        bold ^= token in ("'''", "'''''")
        since = since if italics or bold else i + 1
    if italics and bold:
        ranked: dict[str, int] = {}
        for i, token in enumerate(tokens):
            if token == "'''" and i >= since:
                before = tokens[i - 1] if i else ""
                kind = "space" if before[-1:] == " " else "single" if before[-2:-1] == " " else "multi"
                ranked.setdefault(kind, i)
        for kind in ("single", "multi", "space"):
            if kind in ranked:
                tokens[ranked[kind]] = "'"
                break
    return "".join(token for token in tokens if token not in ("''", "'''", "'''''"))


@settings(max_examples=500)
@given(st.lists(st.tuples(st.sampled_from(["x", " y", " z ", "word", "(", "-"]), st.sampled_from([2, 3, 5]))))
def test_rule_is_mediawiki_s_where_no_two_cross(pieces: list[tuple[str, int]]) -> None:
    line = "".join(text + "'" * run for text, run in pieces)
    if not crossed([run for _, run in pieces]):
        assert without_quotes(line) == reference(line)


def crossed(runs: list[int]) -> bool:
    """Does one of italics and bold end while the other, begun inside of it, is open?"""
    open_: list[int] = []
    for run in runs:
        for each in (2, 3) if run == 5 else (run,):
            if each in open_:
                if open_[-1] != each and run != 5:
                    return True
                open_.remove(each)
            else:
                open_.append(each)
    return False


@given(st.text(st.sampled_from("ab' \n"), max_size=40))
def test_only_apostrophes_go(text: str) -> None:
    assert without_quotes(text).replace("'", "") == text.replace("'", "")
    if "''" not in text:
        assert without_quotes(text) == text
