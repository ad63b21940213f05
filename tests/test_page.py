"""The plan page: whole in one language, read by everybody, alone, and fit to be printed."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import pairwise

import nbformat
import pytest
from insights import ASKED, make_insight, toy_insight
from pages import Page, assert_full_sheets, header_cells, make_page, pdf_text

from ikmplan.insight import reasons as insights
from ikmplan.notebook.html_page import to_html
from ikmplan.text import _catalogue

GOOD = {"data": "tests/faults/good", "name": "try-out", "budget": 250_000_000}
TOY = {"data": "data/toy", "name": "try-out", "gap": 0, "funds": {"purse": 120_000_000}}
# what the page cannot do without, in either language, and what no name of the toy case is
ENGLISH = """the of and with without is are was were not for from by each every more less than units
    classes machines seats courses what which who where when how only all other budget fund money
    days share coverage plan reached asked limits shown used"""
INDONESIAN = """yang dan dengan tanpa adalah tidak untuk dari oleh setiap lebih kurang usaha
    angkatan mesin kuota pelatihan apa mana siapa kapan hanya semua lain pagu dana hari porsi
    cakupan rencana terjangkau diminta batas terpakai sentra"""
VOID = ("meta", "img", "br", "hr")  # tags that have no end


class Reader(HTMLParser):
    """The page as a screen reader meets it."""

    def __init__(self, html: str):
        super().__init__()
        self.path: list[str] = []
        self.texts: list[str] = []  # one for each element, alternatives and labels too
        self.code: list[str] = []  # names as they stand in files
        self.headings: list[tuple[int, str]] = []
        self.seen: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self.feed(html)
        self.close()
        assert not self.path

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.seen.append((tag, given, tuple(self.path)))
        self.texts += [given[name] for name in ("alt", "aria-label", "title") if given.get(name)]
        if tag not in VOID:
            self.path.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))

    def handle_endtag(self, tag):
        assert tag in VOID or self.path.pop() == tag

    def handle_data(self, data):
        text = " ".join(data.split())
        if not text or self.path[-1] in ("style", "script"):
            return
        (self.code if "code" in self.path else self.texts).append(text)
        if self.headings and re.fullmatch("h[1-6]", self.path[-1]):
            level, before = self.headings[-1]
            self.headings[-1] = (level, f"{before} {text}".strip())

    def tags(self, tag: str) -> list[tuple[dict[str, str | None], tuple[str, ...]]]:
        return [(attrs, path) for name, attrs, path in self.seen if name == tag]


@pytest.fixture(scope="module")
def pages() -> dict[str, dict[str, Page]]:
    """Pages of two plans in each language: one with a row of every kind of reason; and one
    without reasons, of a case with a programme, candidates and weights."""
    with pytest.MonkeyPatch.context() as patch:
        made = {}
        # searches of their own have their own tests; these rows are richer than a toy's
        patch.setattr(insights, "explain", lambda plan, case, **_how: toy_insight())
        made["toy"] = {code: make_page(code, **TOY, **ASKED) for code in ("id", "en")}
        patch.setattr(insights, "explain", lambda plan, case, **_how: make_insight())
        made["good"] = {code: make_page(code, **GOOD) for code in ("id", "en")}
    return made


@pytest.fixture(scope="module", params=["toy-id", "toy-en", "good-id", "good-en"])
def page(request, pages) -> Page:
    case, code = request.param.split("-")
    return pages[case][code]


@pytest.fixture(scope="module", params=["id", "en"])
def full(request, pages) -> Page:
    return pages["toy"][request.param]


@pytest.fixture(scope="module")
def reader(full) -> Reader:
    return Reader(full.html)


# --- one language --------------------------------------------------------------------------


def page_texts(page: Page) -> list[str]:
    """Every text of the page and of its pictures, without the names that come from data."""
    t = page.case.tables
    names = [row.name for rows in (t.clusters, t.courses, t.equipment, t.resources, t.funds)
             for row in rows]  # fmt: skip
    names += [source.citation for source in t.sources]
    names += [unit for row in t.components for unit in (row.unit, row.times_unit) if unit]
    names += [
        page.case.scenario.name,
        *(v for v in page.case.office.values() if not v.isdigit()),
        "THE REASON",
        "HiGHS",
    ]
    pattern = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
    texts = Reader(page.html).texts + [" ".join(text.split()) for text in page.pictures]
    return [pattern.sub("¤", text) for text in texts]


def messages() -> list[tuple[str, str]]:
    """(English, Indonesian) of each message; prose of notebooks by the paragraph."""
    catalogue = _catalogue("id")._catalog  # type: ignore[attr-defined]
    pairs = [(en, idn) for en, idn in catalogue.items() if en]
    found = []
    for pair in pairs:
        found += list(zip(*(part.split("\n\n") for part in pair), strict=True))
    return [tuple(re.sub(r"[#*_`]|\s+", " ", part).strip() for part in pair) for pair in found]


def fragments(message: str) -> list[str]:
    """The parts between the {fields} that are long enough to belong to one language alone."""
    parts = (" ".join(part.split()) for part in re.split(r"\{\w+\}", message))
    return [part for part in parts if len(part) > 14 and part.count(" ") > 1]


def test_no_message_of_the_other_language(page):
    code = page.case.scenario.language
    mine, other = (1, 0) if code == "id" else (0, 1)
    texts = page_texts(page)
    everything = "\n".join(texts)
    whole = {pair[mine] for pair in messages()}
    strange = []
    for pair in messages():
        if pair[other] in texts and pair[other] not in whole:
            strange.append(pair[other])
        for part in fragments(pair[other]):
            if part in everything and not any(part in text for text in whole):
                strange.append(part)
    assert strange == []
    assert sum(pair[mine] in texts for pair in messages()) > 100  # it does find what is there


def test_no_word_of_the_other_language(page):
    both = set(ENGLISH.split()), set(INDONESIAN.split())
    wrong, right = both if page.case.scenario.language == "id" else both[::-1]
    words = [word for text in page_texts(page) for word in re.findall(r"[^\W\d_]+", text.lower())]
    assert sorted(wrong & set(words)) == []
    assert len(right & set(words)) > 30


def test_numbers_money_and_dates_have_the_form_of_the_language(page):
    text = "\n".join(page_texts(page))
    mine, other = (r"\.", ",") if page.case.scenario.language == "id" else (",", r"\.")
    point = other
    assert re.search(rf"Rp\d+{mine}\d{{3}}{mine}000", text)
    assert not re.search(rf"Rp\d+{other}\d{{3}}{other}\d{{3}}", text)
    assert re.search(rf"\d{point}\d%", text)
    assert not re.search(rf"\d{mine}\d%", text)
    assert (
        "14 Januari 2022" if page.case.scenario.language == "id" else "January 14, 2022"
    ) in text


@pytest.mark.parametrize("case", ["toy", "good"])
def test_both_pages_say_the_same(pages, case):
    """As many headings, tables and pictures; and the same numbers in the same places."""
    readers = [Reader(page.html) for page in pages[case].values()]
    assert len({tuple(level for level, _h in reader.headings) for reader in readers}) == 1
    for tag in ("table", "tr", "th", "td", "figure", "li", "dt"):
        assert len({len(reader.tags(tag)) for reader in readers}) == 1, tag
    plain = [re.findall(r"\d+", " ".join(re.findall(r"<td[^>]*>([^<]*)</td>", p.html)))
             for p in pages[case].values()]  # fmt: skip
    assert plain[0] == plain[1]


# --- for everybody -------------------------------------------------------------------------


def test_it_states_its_language_and_its_title(full, reader):
    ((attrs, _path),) = reader.tags("html")
    assert attrs["lang"] == full.case.scenario.language
    assert len(reader.tags("title")) == len(reader.tags("main")) == len(reader.tags("h1")) == 1


def test_headings_are_in_order(reader):
    levels = [level for level, _h in reader.headings]
    assert levels[0] == 1 and set(levels) == {1, 2, 3}
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(heading for _level, heading in reader.headings)


def test_the_contents_lead_to_every_chapter(reader):
    links = [attrs["href"] for attrs, path in reader.tags("a") if "nav" in path]
    ids = [attrs.get("id") for _tag, attrs, _path in reader.seen if attrs.get("id")]
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in links if link} <= set(ids)
    assert len(links) == sum(level == 2 for level, _h in reader.headings) > 8


def test_every_figure_has_a_caption_and_a_text(reader):
    figures = reader.tags("figure")
    pictures = [(attrs, path) for attrs, path in reader.tags("svg") if attrs.get("role") == "img"]
    assert len(figures) == len(pictures) == len(reader.tags("figcaption")) == 10
    assert all(len(attrs["aria-label"] or "") > 40 for attrs, _path in pictures)
    assert all("figure" in path for _attrs, path in pictures)
    assert not reader.tags("img")


def test_the_page_is_light_enough_for_mail(full):
    """Its pictures are a tenth of it; as images of 150 dots an inch they were most of it."""
    assert len(full.html.encode()) < 400_000
    pictures = sum(map(len, re.findall(r"<svg.*?</svg>", full.html, re.DOTALL)))
    assert pictures < 100_000 and "base64" not in full.html


def test_every_table_has_a_caption_and_scopes(reader):
    tables = reader.tags("table")
    assert len(tables) == len(reader.tags("caption")) > 15
    assert all(attrs.get("scope") in ("col", "row", "rowgroup") for attrs, _p in reader.tags("th"))


def test_no_figure_repeats_the_caption_of_a_table(full):
    captions = re.findall(r"<caption[^>]*>([^<]+)<", full.html)
    figures = re.findall(r"<figcaption>([^<]+)<", full.html)
    assert captions and figures
    assert not set(captions) & set(figures)
    assert len(set(captions)) == len(captions)


def test_the_order_is_that_of_a_reviewer(reader):
    """From what is reached to how sure it is; nothing before the paragraph and the tiles."""
    ids = [attrs["id"] for attrs, _p in reader.tags("section")]
    order = ["short", "counted", "promised", "reached", "money", "binds", "steps", "others",
             "ladder", "fairness", "assumed", "sure",
             "appendix", "held", "machines", "invited", "left", "matter"]  # fmt: skip
    assert [id for id in ids if id in order] == order
    opened = {attrs["id"] for attrs, path in reader.tags("section") if "details" in path}
    assert {"held", "machines", "invited", "left"} <= opened and not opened & {*order[:13]}


def test_without_reasons_the_page_is_whole_too(pages):
    html = pages["good"]["en"].html
    assert html.count("Not worked out in this run.") == 7
    assert len(Reader(html).tags("figure")) == 7


def test_it_states_by_what_it_was_made(pages):
    from ikmplan.notebook.html_page import commit

    footer = pages["toy"]["en"].html.split("<footer>")[1]
    assert "Made on January 14, 2022 with ikmplan" in footer
    assert (f"commit {commit()}." if commit() else "ikmplan") in footer


def test_a_title_cannot_break_out_of_the_page():
    nb = nbformat.v4.new_notebook()
    nb.cells = [nbformat.v4.new_markdown_cell('# A "title" </style><b>', id="title")]
    found = Reader(to_html(nb, "en", 'x"}</style><b>'))
    assert len(found.tags("style")) == 1
    assert not [path for _attrs, path in found.tags("b") if "main" not in path]


# --- in a browser --------------------------------------------------------------------------


@pytest.fixture
def opened(chromium, full, tmp_path):
    """Opens the page's file at a width; and what it asked for."""
    file = tmp_path / "plan.html"
    file.write_text(full.html, encoding="utf-8")
    asked: list[str] = []
    tabs = []

    def open_page(width: int):
        tab = chromium.new_page(viewport={"width": width, "height": 844})
        tabs.append(tab)
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("pageerror", lambda error: asked.append(str(error)))
        tab.goto(file.as_uri())
        return tab

    yield open_page, asked, file.as_uri()
    for tab in tabs:
        tab.close()


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("width", [1366, 390])
def test_axe_finds_no_fault(opened, width):
    from axe_playwright_python.sync_playwright import Axe

    open_page, asked, address = opened
    tab = open_page(width)
    found = Axe().run(tab).response["violations"]
    assert not found, json.dumps([(v["id"], v["impact"], v["nodes"][0]["html"]) for v in found])
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    # pictures are in the page
    assert {url for url in asked if not url.startswith("data:")} == {address}


@pytest.mark.slow
def test_marks_of_the_first_sheet_are_seen_on_a_black_page(opened):
    """In the high contrast that the reader's computer is set to; the floor was black on black."""
    open_page, _asked, _address = opened
    tab = open_page(1366)
    tab.emulate_media(forced_colors="active", color_scheme="dark")
    strokes = tab.evaluate("""() => [...document.querySelectorAll(".ikmplan-sheet line")]
        .map((line) => getComputedStyle(line).stroke)""")
    paper = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.emulate_media(forced_colors="none", color_scheme="light")
    assert strokes and paper == "rgb(0, 0, 0)" and paper not in strokes


NARROW = """() => {
    document.querySelectorAll("details").forEach(part => { part.open = true })
    return [...document.querySelectorAll("th, td")].filter(cell => {
        const text = cell.textContent.trim(), words = text.split(/\\s+/).length
        const range = document.createRange()
        range.selectNodeContents(cell)
        const lines = new Set([...range.getClientRects()].map(r => Math.round(r.bottom))).size
        return cell.scrollWidth > cell.clientWidth + 1 || (words > 4 && lines > words)
    }).map(cell => `${cell.tagName} ${cell.scrollWidth}/${cell.clientWidth} ${cell.textContent}`)
}"""


@pytest.mark.slow
@pytest.mark.browser
def test_no_text_is_squeezed_on_a_telephone(opened, tmp_path):
    """At 390 dots, with the whole appendix open, no cell is wider than its column and none has
    more lines than words; only tables scroll. The amendment's table of seven columns too."""
    open_page, _asked, _address = opened
    tab = open_page(390)
    paper = tab.evaluate(
        """() => {
        const sheet = document.querySelector("section").appendChild(document.createElement("div"))
        const cells = n => Array(7).fill("Pengolahan Pangan dan Cara").join(`</${n}><${n}>`)
        sheet.className = "ikmplan-sheet amendment"
        sheet.innerHTML = `<div class="ikmplan-scroll" style="overflow-x:auto"><table
            style="width:100%;table-layout:fixed"><thead><tr><th>${cells("th")}</th></tr></thead>
            <tbody><tr><td>${cells("td")}</td></tr></tbody></table></div>`
        return sheet.querySelector("table").getBoundingClientRect().width
    }"""
    )
    assert paper > 390
    assert tab.evaluate(NARROW) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.slow
@pytest.mark.browser
def test_it_prints_on_sheets_without_cutting_anything(opened, full):
    """No figure, heading or row is wider than an A4 sheet."""
    open_page, _asked, _address = opened
    tab = open_page(680)  # 180 mm at 96 dots an inch
    tab.emulate_media(media="print")
    wide = tab.evaluate(
        "[...document.querySelectorAll('table, img, svg, h1, h2, h3, p')]"
        ".filter(e => e.getBoundingClientRect().right > 681).map(e => e.textContent.slice(0, 60))"
    )
    assert wide == []
    pdf = tab.pdf(prefer_css_page_size=True)
    printed = pdf_text(pdf)
    assert [text for text in header_cells(full.html) if text not in printed] == []
    boxes = set(re.findall(rb"/MediaBox ?\[([^\]]*)\]", pdf))
    assert len(boxes) == 1
    width, height = (float(n) for n in boxes.pop().split()[2:])
    assert (round(width), round(height)) == (595, 842)  # points: A4


@pytest.mark.slow
@pytest.mark.browser
def test_no_sheet_is_half_empty_and_no_heading_is_parted(opened, full):
    """Of 842 points of height the text of each sheet but the first and the last reaches below the
    middle, and the lowest line above its foot is no heading."""
    open_page, _asked, _address = opened
    tab = open_page(680)
    assert_full_sheets(tab.pdf(prefer_css_page_size=True), full.html)


@pytest.mark.browser
def test_the_first_sheet_of_paper_is_the_decision(opened):
    """From the title to the signatures nothing stands below 263 mm (994 dots), and what opens
    on the screen is whole on paper."""
    open_page, _asked, _address = opened
    tab = open_page(680)
    assert not tab.evaluate("document.querySelector('#invited').checkVisibility()")
    tab.emulate_media(media="print")
    bottom = tab.evaluate("document.querySelector('.signatures').getBoundingClientRect().bottom")
    assert bottom < 994
    assert tab.evaluate(
        "getComputedStyle(document.querySelector('.ikmplan-sheet')).breakAfter"
    ) == ("page")
    assert tab.evaluate("document.querySelector('#invited').checkVisibility()")


@pytest.mark.browser
def test_a_link_opens_the_appendix(opened):
    open_page, _asked, _address = opened
    tab = open_page(1366)
    tab.click("nav a[href='#machines']")
    assert tab.evaluate("document.querySelector('#machines').closest('details').open")
