"""How tables are marked for paper."""

from __future__ import annotations

import pytest

from ikmplan.show.table import LONG_TEXT, Column, View


@pytest.mark.parametrize(("length", "wordy"), [(LONG_TEXT, False), (LONG_TEXT + 1, True)])
def test_only_rows_that_are_paragraphs_may_be_parted(length, wordy):
    """301 characters in one cell of two rows: the table may go on on the next sheet; 300: not."""
    view = View("Sources", (Column("Code", ["a", "b"]), Column("Text", ["short", "x" * length])))
    assert ('class="ikmplan wordy"' in view.html()) is wordy
