"""The input workbook for another city: `ikmplan new kota-saya.xlsx`.

One sheet for each table, as `tables` reads it: above the header the meaning and unit of each
column in both languages, below it the rows of an example that plans as it stands, or of a
case that is already there. Drop-down lists offer the words and keys that fit. What the lists
cannot catch, reading the workbook does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from xlsxwriter.utility import xl_col_to_name as letter

from ikmplan.faults import BadInput, file_fault
from ikmplan.files import write_atomic
from ikmplan.input.cells import (
    CITY,
    allowed_values,
    expectation,
    kind_of,
    may_be_left_out,
    range_limits,
    unit_of,
)
from ikmplan.input.dictionary import TABLE_MEANINGS
from ikmplan.input.office import ACCOUNT, NAMES, is_account
from ikmplan.input.references import REFERS
from ikmplan.input.region import EXAMPLE_CASE
from ikmplan.input.rows import Row
from ikmplan.input.sheet_cells import EXPLAINS
from ikmplan.input.sheets import WORKBOOK
from ikmplan.input.tables import OPTIONAL, ROWS, Tables, read_tables
from ikmplan.text import LANGUAGES, N_, _, language
from ikmplan.workbook.excel import BAND, INK, ON_INK, PALE, RULE, Book, SheetWriter, height

READ_ME, LISTS = "Petunjuk - Read me", "lists"
HEAD = 4  # the row of the header, from 0; below it stand the data
MOST = 300  # rows that drop-down lists look at
FILLED = 1000  # rows that have drop-down lists
TEXT = "@"
YES, NO = "ya", "tidak"
FILLING_STEPS = (
    N_("This workbook holds everything ikmplan must know about a city. Every sheet with the name "
       "of a table is read; this sheet is not."),
    N_("The rows are an example that plans as it stands. Replace them with your own, row by row, "
       "and keep the header."),
    N_("Begin with sources, then clusters, courses, equipment, resources and funds; then the "
       "sheets that join them. Lists offer the keys that you have written."),
    N_("A key is a short name for the program: small letters, digits and _, such as "
       "processed_food. It is written in the same way on every sheet."),
    N_("A share is a number from 0 to 1: 30 percent is 0.3 (or 0,3, as your Excel writes it). "
       "Money is whole rupiah."),
    N_("Every row names its source. Write on the sheet sources whether that is a fact or an "
       "estimate; an honest estimate is better than an empty cell."),
    N_("Check it at any time: ikmplan check <file>. Every fault is named with sheet, row and "
       "column. Then plan: write the file's name behind data: in a scenario file, or open it on "
       "the page of ikmplan explore."),
)  # fmt: skip


def write_blank_workbook(
    path: str | Path, source: str | Path | None = None, overwrite: bool = False
) -> Tables:
    """Write the input workbook `path` with the rows of `source`, or of the example; gives them.

    Raises `BadInput` where `path` is no .xlsx or is there already, or `source` has faults.
    """
    path = Path(path)
    if path.suffix.lower() != WORKBOOK[0]:
        message, fix = _("is no name of an Excel workbook."), _("Let it end in .xlsx.")
        raise BadInput([file_fault(str(path), message, fix)])
    if path.exists() and not overwrite:
        message = _("is there already, and is left as it is.")
        fix = _("Choose another name, or add --overwrite.")
        raise BadInput([file_fault(str(path), message, fix)])
    tables = read_tables(EXAMPLE_CASE if source is None else source)
    write_atomic(path, input_workbook(tables))
    return tables


def input_workbook(tables: Tables) -> bytes:
    """The tables as an input workbook."""
    book = Book("ikmplan", printed=False)
    _read_me(book)
    for name, row_type in ROWS.items():
        _table(book, name, row_type, getattr(tables, name))
    _lists(book, tables)
    return book.done()


def in_both_languages(message: Callable[[], str]) -> list[str]:
    """The message in Indonesian and in English."""
    found = []
    for code in LANGUAGES:
        with language(code):
            found.append(message())
    return found


def _read_me(book: Book) -> None:
    page = book.page(READ_ME, EXPLAINS + "ikmplan: buku kerja masukan / input workbook")
    sheet = page.sheet
    page.widen(0, 20)
    page.widen(1, 66)
    page.widen(2, 66)
    page.headings(2, 0, ["", "Bahasa Indonesia", "English"])
    page.row = 3
    for n, step in enumerate(FILLING_STEPS, 1):
        _both_columns(page, str(n), partial(_, step), bold=True, align="center", font_color=INK)
    page.row += 1
    page.headings(page.row, 0, ["Lembar / Sheet", "Isi", "Holds"])
    page.row += 1
    link = {"bold": True, "font_color": INK, "underline": 1}
    for name in ROWS:
        at = page.row
        _both_columns(page, name, partial(_about, name), **link)
        sheet.write_url(at, 0, f"internal:'{name}'!A1", book.cell(**link), name)
    sheet.freeze_panes(3, 0)
    sheet.activate()


def _about(name: str) -> str:
    message = _(TABLE_MEANINGS[name])
    return message + " " + _("The sheet may stay empty.") if name in OPTIONAL else message


def _both_columns(page: SheetWriter, first: str, message: Callable[[], str], **look: Any) -> None:
    """A row: a first cell that looks so, and the message in both languages."""
    texts = in_both_languages(message)
    page.put(page.row, 0, first, **look)
    for n, text in enumerate(texts, 1):
        page.put(page.row, n, text, text_wrap=True)
    page.sheet.set_row(page.row, max(height(text, 66) for text in texts))
    page.row += 1


def _table(book: Book, name: str, row_type: type[Row], rows: tuple[Any, ...]) -> None:
    """Title, meanings in both languages, header, rows, and a drop-down list where one fits."""
    fields = row_type.model_fields
    page = book.page(name, "")
    sheet = page.sheet
    for n, message in enumerate(in_both_languages(partial(_about, name))):
        title = book.style(bold=n == 0, italic=n > 0, font_size=12 - n, font_color=INK)
        page.write(n, 0, EXPLAINS + message, title)
    for n, (column, field) in enumerate(fields.items()):
        values = [_cell(getattr(row, column), field) for row in rows]
        longest = max((len(str(value)) for value in values), default=0)
        page.widen(n, min(max(longest, len(column) + 2, 18), 46))
        _meanings(page, n, field)
        blank = type(None) in getattr(field.annotation, "__args__", ())
        needed = not blank and not may_be_left_out(field)
        page.put(HEAD, n, column, **(ON_INK if needed else {"bold": True, "bg_color": RULE}))
        form = _format(field)
        style = book.style(num_format=form, **({"indent": 1} if form == TEXT else {}))
        sheet.set_column(n, n, page.width(n), style)
        for at, value in enumerate(values, HEAD + 1):
            if value is not None:
                page.write(at, n, value, style)
        sheet.data_validation(HEAD + 1, n, HEAD + FILLED, n, _validation(name, column, field))
    everything = f"A1:{letter(len(fields))}{HEAD + 1 + FILLED}"
    sheet.ignore_errors({"number_stored_as_text": everything})  # codes and years are text
    sheet.freeze_panes(HEAD + 1, 1)
    sheet.repeat_rows(HEAD)


def _meanings(page: SheetWriter, n: int, field: FieldInfo) -> None:
    """Rows 3 and 4: what the column means and in which unit."""
    looks: tuple[dict[str, Any], ...] = ({"bg_color": BAND}, {"bg_color": PALE, "italic": True})
    messages = in_both_languages(partial(_meaning, field))
    for row, (message, look) in enumerate(zip(messages, looks, strict=True), 2):
        text = (EXPLAINS if n == 0 else "") + message
        page.put(row, n, text, text_wrap=True, font_size=9, **look)
        page.heighten(row, height(text, page.width(n)))


def _meaning(field: FieldInfo) -> str:
    unit = unit_of(field)
    return _(str(field.description)) + (f" [{_(unit)}]" if unit else "")


def _cell(value: Any, field: FieldInfo) -> Any:
    """A value as its cell is filled in; None and what a column may lack leave it empty."""
    if may_be_left_out(field) and value == field.default:
        return None
    if isinstance(value, bool):
        return YES if value else NO
    return " ".join(value) if isinstance(value, tuple) else value


def _format(field: FieldInfo) -> str:
    """Text columns are text, so that 5.1.02 does not become a date."""
    kind = kind_of(field)
    if "whole" in kind:
        return "#,##0" if unit_of(field) == "rupiah" else "0"
    return "General" if "number" in kind else TEXT


def _validation(table: str, column: str, field: FieldInfo) -> dict[str, Any]:
    """What Excel offers and refuses in a column, and its hint there."""
    indonesian, english = in_both_languages(partial(expectation, field))
    hint = f"{indonesian}\n\n{english}"
    rule: dict[str, Any] = {
        "input_title": column[:32], "input_message": hint[:255],
        "error_title": column[:32], "error_message": hint[:255],
    }  # fmt: skip
    words = (YES, NO) if field.annotation is bool else allowed_values(field)
    source = _list_of(table, column)
    kind, (low, high) = kind_of(field), range_limits(field)
    if words:
        return rule | {"validate": "list", "source": list(words)}
    if source:  # a key may be written before the row that it names
        return rule | {"validate": "list", "source": f"={source}", "error_type": "warning"}
    if "whole" in kind or "number" in kind:
        bounds = {"criteria": "between", "minimum": low, "maximum": high}
        return rule | bounds | {"validate": "integer" if "whole" in kind else "decimal"}
    return rule | {"validate": "any"}


# --- the lists behind the drop-downs --------------------------------------------------------


def _list_of(table: str, column: str) -> str | None:
    """The defined name of the keys that a column chooses from."""
    if column == "source" and table != "sources":
        return "list_sources"
    if (table, column) in (("existing", "cluster"), ("announced", "cluster")):
        return "list_hosts"
    if column == "sector" and table != "clusters":
        return "list_sectors"
    if (table, column) == ("components", "account"):
        return "list_accounts"
    if (table, column) == ("office", "key"):
        return "list_office"
    targets = REFERS.get((table, column), ())
    return "list_items" if len(targets) > 1 else f"list_{targets[0]}" if targets else None


def _lists(book: Book, tables: Tables) -> None:
    """A hidden sheet of keys put together from the tables, and a name for every list."""
    sheet = book.page(LISTS, "").sheet
    sheet.hide()
    sheet.write_string(0, 0, EXPLAINS + "behind the drop-down lists")
    for name in ("courses", "equipment", "resources", "sources", "openings"):
        _define(book, name, _keys(name), "COUNTA({cells})")
    _define(book, "sectors", _keys("clusters", "sector"), "COUNTA({cells})")
    hosts, courses, equipment = (_keys(name) for name in ("clusters", "courses", "equipment"))
    openings = _keys("openings")
    office = _keys("office")

    def host(k: int) -> str:
        opening = f"{k - 1}-COUNTA({hosts})"
        other = f'IF({opening}<=COUNTA({openings}),INDEX({openings},{opening})&"","")'
        found = f'IF({k - 1}<=COUNTA({hosts}),INDEX({hosts},{k - 1})&"",{other})'
        return f'"{CITY}"' if k == 1 else found

    def item(k: int) -> str:
        machine = f"{k}-COUNTA({courses})"
        opening = f"{machine}-COUNTA({equipment})"
        other = f'IF({opening}<=COUNTA({openings}),INDEX({openings},{opening})&"","")'
        found = f'IF({machine}<=COUNTA({equipment}),INDEX({equipment},{machine})&"",{other})'
        return f'IF({k}<=COUNTA({courses}),INDEX({courses},{k})&"",{found})'

    def account(k: int) -> str:
        return f'IFERROR(INDEX({office},MATCH({k},{_column(3)},0)),"")'

    def rank(k: int) -> str:
        """Of the k-th key of office among the accounts."""
        key = f"INDEX({office},{k})"
        taken = f'AND(LEFT({key},{len(ACCOUNT)})="{ACCOUNT}",RIGHT({key},5)<>"_name")'
        return f'IF({taken},COUNT(D$1:D{k})+1,"")'

    keys = [row.key for row in tables.office]
    accounts = [key for key in keys if is_account(key)]
    ranks = [accounts.index(key) + 1 if key in accounts else "" for key in keys]
    opened = [row.opening for row in tables.openings]
    items = [row.course for row in tables.courses]
    items += [*(row.equipment for row in tables.equipment), *opened]
    names = list(NAMES)
    columns: list[tuple[str, Callable[[int], str], list[Any]]] = [
        ("hosts", host, [CITY, *(row.cluster for row in tables.clusters), *opened]),
        ("items", item, items),
        ("accounts", account, accounts),
        ("ranks", rank, ranks),
        ("office", lambda k: f'"{names[k - 1]}"' if k <= len(names) else '""', names),
    ]
    for n, (name, formula, values) in enumerate(columns):
        for k in range(1, MOST + 1):
            value = values[k - 1] if k <= len(values) else ""
            sheet.write_formula(k, n, "=" + formula(k), None, value)
        if name != "ranks":
            _define(book, name, _column(n), 'COUNTIF({cells},"?*")')


def _keys(table: str, column: str | None = None) -> str:
    """The cells of a column of a table, its key unless another is named."""
    at = letter(0 if column is None else list(ROWS[table].model_fields).index(column))
    return f"{table}!${at}${HEAD + 2}:${at}${HEAD + 1 + MOST}"


def _column(n: int) -> str:
    """The cells of a column of the hidden sheet."""
    return f"{LISTS}!${letter(n)}$2:${letter(n)}${MOST + 1}"


def _define(book: Book, name: str, cells: str, count: str) -> None:
    """list_<name> is the filled beginning of the cells: blanks in a list would let all pass."""
    first, counted = cells.split(":")[0], count.format(cells=cells)
    book.workbook.define_name(f"list_{name}", f"=OFFSET({first},0,0,MAX(1,{counted}),1)")
