"""Pages of a sheet end where nothing is parted that belongs together."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ikmplan.workbook.letters import lines_taken
from ikmplan.workbook.print_pages import (
    PRINTED_HEIGHT,
    WIDEST_SHEET,
    narrowed,
    page_ends,
    points_wide,
)


def pages(heights: list[float], ends: list[int]) -> list[range]:
    starts = [0, *ends]
    return [range(a, b) for a, b in zip(starts, [*ends, len(heights)], strict=True)]


def test_a_heading_goes_to_the_page_of_its_first_line():
    """Each row is a quarter of a page. Rows 0–2 fit beside each other, the heading in row 3 would
    too, but its line would not."""
    quarter = PRINTED_HEIGHT / 4
    assert page_ends([quarter] * 6, set(), 100) == [4]
    assert page_ends([quarter] * 6, {3}, 100) == [3]
    assert page_ends([quarter] * 6, {2, 3}, 100) == [2]
    assert page_ends([quarter] * 6, set(), 50) == []  # half as large, twice as many


def test_headings_that_are_repeated_take_their_room():
    """After the first page there is room for three rows of a quarter beside the headings."""
    quarter = PRINTED_HEIGHT / 4
    assert page_ends([quarter] * 10, set(), 100, repeated=quarter) == [4, 7]


ROWS = st.lists(st.tuples(st.floats(5, 200), st.booleans()), max_size=80)


@given(ROWS, st.integers(80, 100), st.floats(0, 40))
def test_no_page_is_too_high_and_no_block_is_parted(rows, scale, repeated):
    heights = [height for height, _kept in rows]
    kept = {n for n, (_height, keep) in enumerate(rows) if keep and n + 1 < len(rows)}
    room = PRINTED_HEIGHT / scale * 100
    made = pages(heights, page_ends(heights, kept, scale, repeated))
    assert [n for page in made for n in page] == list(range(len(heights)))
    for n, page in enumerate(made):
        assert sum(heights[r] for r in page) + repeated * bool(n) <= room + 1e-6 or len(page) == 1
    for first, second in pairwise(made):
        if second.start - 1 in kept:  # parted only where the block is higher than a page
            low = high = second.start - 1
            while low - 1 in kept:
                low -= 1
            while high in kept:
                high += 1
            assert sum(heights[low : high + 1]) > room - repeated
        assert first


@given(
    st.lists(st.floats(9, 120), min_size=1, max_size=12),
    st.dictionaries(st.integers(0, 11), st.floats(0, 1)),
)
def test_only_texts_are_made_narrower(wanted, shares):
    """No column becomes narrower than its numbers, which need a share of it."""
    least = {n: share * wanted[n] for n, share in shares.items() if n < len(wanted)}
    widths = narrowed(wanted, least)
    assert all(widths[n] >= width for n, width in least.items())
    assert all(width <= before for width, before in zip(widths, wanted, strict=True))
    total = sum(map(points_wide, widths))
    beyond = [width for n, width in enumerate(widths) if width > least.get(n, 0)]
    assert total <= WIDEST_SHEET or all(width <= 11 for width in beyond)


def test_a_column_of_texts_above_numbers_gives_way_to_another_of_texts():
    """Texts of 120 letters in two columns, in the first above numbers of 20: both become as wide,
    for 20 are enough for the numbers."""
    first, second = narrowed([120.0, 120.0, 40.0], {0: 20.0, 2: 40.0})[:2]
    assert first == second > 20


def test_lines_of_a_text_by_hand():
    """A column for 10 digits takes 10 · 0.556 · 0.97 = 5.39: nine digits (5.00), not ten (5.56);
    "ill ill ill ill ill ill" (0.67 a word, 0.28 a space) takes 5.39 - too much by a hair - only
    without the last word; an address of 30 letters "a" (16.68) goes on on three more lines."""
    assert [lines_taken("1" * n, 10) for n in (0, 9, 10)] == [1, 1, 2]
    assert lines_taken("ill ill ill ill ill", 10) == 1
    assert lines_taken("a" * 30, 10) == 4
    assert lines_taken("one\ntwo", 10) == 2
    assert lines_taken("Mmmmm Mm", 10) == 2 and lines_taken("Mmmm", 5, bold=True) == 2


@given(st.text("aeimMW 1", max_size=60), st.integers(4, 60), st.integers(0, 20))
def test_a_wider_column_never_needs_more_lines(text, width, more):
    assert (
        lines_taken(text, width + more)
        <= lines_taken(text, width)
        <= lines_taken(text, width, bold=True)
    )
