import re
from importlib import resources
from xml.etree import ElementTree

from corpusmill.report import figure, waterfall, wording

STAGE = {
    "stage": "ingest",
    "in": {"records": 9, "bytes": 1000},
    "removed": [
        {"reason": f"rule_{n}", "kind": "rule", "records": 0, "bytes": 100 - n}
        for n in range(waterfall.REASONS + 3)
    ],
    "kept": {"records": 9, "bytes": 1000 - sum(100 - n for n in range(waterfall.REASONS + 3))},
}


def drawn(name: str) -> str:
    with figure.drawing(200, 100) as canvas:
        figure.axes_within(canvas, left=10, right=10, top=10, bottom=10).set_title(name)
        return figure.to_svg(canvas, "plot", name)


def test_a_plot_is_one_svg_element_with_a_title() -> None:
    element = ElementTree.fromstring(drawn("Lengths"))
    assert element.tag == "{http://www.w3.org/2000/svg}svg"
    assert element[0].tag == "{http://www.w3.org/2000/svg}title"
    assert element[0].text == "Lengths"


def test_names_are_text_whatever_signs_they_hold() -> None:
    texts = [each.text for each in ElementTree.fromstring(drawn("$a_b$ <&> $")).iter() if each.text]
    assert texts.count("$a_b$ <&> $") == 2  # the title element and the drawn text


def test_every_colour_of_a_plot_is_a_variable_that_light_and_dark_define() -> None:
    svg = waterfall.waterfall([STAGE], 250, name="waterfall")
    outside_variables = re.sub(r"var\(--[a-z0-9]+, #[0-9a-f]{6}\)", "", svg)
    assert not re.search(r"#[0-9a-f]{6}\b", outside_variables)
    style = (resources.files("corpusmill.report") / "templates" / "style.css").read_text(encoding="utf-8")
    light, dark = style.split("@media (prefers-color-scheme: dark)")
    for variable, colour in figure.COLOURS.items():
        assert f"--{variable}: {colour};" in light
        assert f"--{variable}: #" in dark


def test_a_waterfall_names_the_largest_removals_and_adds_up_the_rest() -> None:
    title = ElementTree.fromstring(waterfall.waterfall([STAGE], 250, name="waterfall"))[0].text or ""
    assert f"rule {waterfall.REASONS - 1} " in title
    assert f"rule {waterfall.REASONS} " not in title
    rest = sum(100 - n for n in range(waterfall.REASONS, waterfall.REASONS + 3))
    assert f"3 other reasons {wording.MINUS}{rest} B" in title.replace("\xa0", " ")
    assert title.endswith("Tokens 250 tokens")


def test_settings_of_the_user_do_not_reach_the_plots() -> None:
    import matplotlib

    before = drawn("Lengths")
    with matplotlib.rc_context({"font.size": 30, "svg.fonttype": "path", "axes.titlesize": 40}):
        assert drawn("Lengths") == before
