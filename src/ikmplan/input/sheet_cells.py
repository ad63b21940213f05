"""What is read of one sheet or CSV file: its header and rows, each cell still as it stands.

`csv_file` and `excel_file` make `Cells`; `tables` gives the cells their types.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ikmplan.faults import Fault, file_fault
from ikmplan.input.plain_text import SCALE_WORD, bare
from ikmplan.text import _

_NO_THING = r"(?:rp|rupiah|idr|unit|per|tiap|setiap|untuk|pada|tahun|dan|atau|kecuali)\b"
# no amount stands before it, as in "5 juta rupiah"; "TA 2022 juta rupiah" has a year there
_NO_AMOUNT = r"(?:(?<!\d)(?<!\d )|(?<![\d.,])(?<!\d )(?<!rp)(?<!rp[ .])(?<!rp\. )20[1-4]\d\W{1,3})"
# what states above a table that its numbers are not in full, such as "dalam jutaan rupiah"
_NOT_IN_FULL = re.compile(
    rf"\b(dalam|dlm|in) ({SCALE_WORD})(an|s)?\b"
    rf"|\b(rp\.?|rupiah|idr)\W{{0,3}}({SCALE_WORD}|mn|[mkt])\b|\bsatuan\W{{0,3}}({SCALE_WORD})\b"
    # not "jutaan masyarakat" and "5 juta rupiah", which count things and money of the text itself
    rf"|\b({SCALE_WORD})an\b(?! (?!{_NO_THING})[a-z])"
    rf"|{_NO_AMOUNT}\b({SCALE_WORD})(an)? ?(rupiah|rp|idr)\b|\(({SCALE_WORD})\)"
    rf"|\b(pagu|nilai|angka|anggaran|harga|biaya|satuan)\W{{0,3}}({SCALE_WORD})an\b"
    r"|(\bx|[×*]|\b(di)?kali(kan)?) ?(rp\.? ?)?1([.,]?000)+\b"
    r"|(?<![\d.,])[.,'’(]000\b|\brp\.? ?000\b"
    # nor in the unit of their column
    r"|\b(dalam|dlm|in|satuan)\W{1,3}(persen|per ?cent|%|usd|us\$|dol+ars?|hektare?|ha"
    r"|k?w(att)?|va)(?!\w)",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(not|bukan|tidak) (dalam|dlm|in) \S+", re.IGNORECASE)
# in a heading or the title of a sheet: its numbers stand for thousands or millions, for percentages
# or for another currency
_NOT_AS_IT_IS = re.compile(
    rf"1[.,]?000|(?<![a-z\d])000(?![a-z\d])|%|(?<![a-z])({SCALE_WORD}|usd|persen|percent)(an|s)?"
    r"(?![a-z])|\$|dol+ar|(?<![a-z])[km](?![a-z\d²])"
)
EXPLAINS = "# "  # begins a row above the header that explains the columns

_TOTAL = re.compile(
    r"\W*(grand|sub)?[\s_.-]*(totals?|jumlah|jml|rata[\s_.-]*rata|rerata|average)\b.*"
    r"|\W*(sum|semua|seluruh(nya)?|keseluruhan)\W*|[∑Σ].*",
    re.IGNORECASE | re.DOTALL,
)
_SPACED_LETTERS = re.compile(r"\b(\w)\s(?=\w\b)")


@dataclass(frozen=True)
class RefusedCell:
    """A cell of a workbook that no column takes: it shows something else than it holds."""

    cell: str  # such as "C2"
    shown: str
    problem: str
    fix: str

    def __str__(self) -> str:
        return self.shown


@dataclass(frozen=True)
class Cells:
    """One sheet: the header and the rows below it, still as text."""

    where: str
    header_row: int
    header: list[str]  # "" over a column without a name
    rows: list[tuple[int, list[Any]]]  # row number, cells (str, int, float, bool or RefusedCell)
    indonesian: bool  # numbers may be written 1.500.000,5 (see `number_form`)
    explained: bool = False  # it begins with rows of explanation
    merged: tuple[str, ...] = ()  # merged cells among these rows, such as "B2:B3"
    notes: tuple[Fault, ...] = ()  # warnings, for a sheet that is a table
    visible: bool = True
    workbook: bool = False  # a sheet, whose columns have letters

    def value_without_column(self, number: int, values: list[Any]) -> Fault | None:
        """The fault of the first value that stands under no column name; None where all do."""
        for n, value in enumerate(values):
            if value != "" and (n >= len(self.header) or not self.header[n]):
                message = _("stands in cell {n} of the row, under no column name.", n=n + 1)
                fix = _("Remove it; text that holds the separator needs quotation marks.")
                if self.workbook:
                    from openpyxl.utils import get_column_letter

                    letter = get_column_letter(n + 1)
                    message = _("stands in column {letter}, under no column name.", letter=letter)
                    fix = _("Remove it; a note stands above the header, behind “# ”.")
                return Fault(self.where, number, None, str(value), message, fix)
        return None


# every sheet by the name of its table: its cells, or why they cannot be read
Sheets = dict[str, Cells | Fault]


def table_name(title: str) -> str:
    """ "Course Uses " -> "course_uses": the name by which a sheet, file or column is known."""
    return re.sub(r"[\s_-]+", "_", bare(title).lower())


def renamed(title: str, name: str, in_unit: str = "") -> str:
    """The fix of a heading or title that is meant for `name`; "amount_(juta)" holds no rupiah,
    and `in_unit` is the fix where it states another unit."""
    words = "|".join(re.findall(r"[^\W\d_]+", name))  # the m of floor_m2 is no million
    others = re.sub(rf"{re.escape(name)}|(?<![^\W\d_])({words})(?![^\W\d_])", "", title)
    if _NOT_AS_IT_IS.search(others):
        return _("Write its numbers in full, and name it {name}.", name=name)
    return in_unit or _("Did you mean {name}?", name=name)


def _not_in_full(text: str) -> bool:
    return bool(_NOT_IN_FULL.search(_DENIED.sub("", text)))


def make_cells(where: str, rows: list[tuple[int, list[Any]]], indonesian: bool) -> Cells | Fault:
    """The cells below the first filled row that is no explanation, which is the header."""
    filled = [(n, cells) for n, cells in rows if any(cell != "" for cell in cells)]
    written = len(filled)
    notes: list[Fault] = []
    while filled and _explains(filled[0][1]):
        number, texts = filled.pop(0)
        if scaled := next(filter(_not_in_full, map(str, texts)), None):
            message = _("is no more than an explanation: numbers are read as they stand.")
            fix = _(
                "If they are in thousands, millions or another unit than their column's, write"
                " them in full and in its unit."
            )
            notes.append(Fault(where, number, None, scaled, message, fix, warning=True))
    if not filled:
        return file_fault(where, _("is empty."), _("Give it a header row, or delete it."))
    header_row, titles = filled[0]
    header = [table_name(str(title)) for title in titles]
    return Cells(
        where, header_row, header, filled[1:], indonesian, len(filled) < written, notes=tuple(notes)
    )


def _explains(cells: list[Any]) -> bool:
    """Whether the row explains the columns to people: its first text begins with EXPLAINS."""
    first = str(next(cell for cell in cells if cell != ""))
    return first.startswith(EXPLAINS) or first == EXPLAINS.strip()


def is_total(value: Any) -> bool:
    """Whether a row that begins so is a total of others: JUMLAH, Sub Total, J U M L A H, Σ."""
    return isinstance(value, str) and bool(_TOTAL.fullmatch(_SPACED_LETTERS.sub(r"\1", value)))


def cannot_open(where: str) -> Fault:
    """The fault of a file that the system does not let us read."""
    message = _("cannot be opened.")
    fix = _("Close it in other programs, and check that you may read it.")
    return file_fault(where, message, fix)


def table_twice(where: str, name: str) -> Fault:
    """The fault of the second file or sheet of a table."""
    message = _("is the table {name} a second time.", name=name)
    return file_fault(where, message, _("Keep one of the two, or rename the other."))


def short_list(items: Iterable[object]) -> str:
    """The items with commas; of many the first ones and how many there are."""
    texts = [str(item) for item in items]
    if len(texts) <= 8:
        return ", ".join(texts)
    return _("{first} and {n} more", first=", ".join(texts[:6]), n=len(texts) - 6)
