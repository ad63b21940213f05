"""Conditional formats that stand in Excel's extension of 2009 alone, which openpyxl leaves out.

Excel writes them there where a rule names another sheet, and for kinds of icons that came later.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, iterparse

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_EXTENSION = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"
_AREAS = "{http://schemas.microsoft.com/office/excel/2006/main}sqref"


def add_newer_formats(sheet: Worksheet, content: bytes) -> None:
    """Give the sheet the conditional formats of the extension, of its part of the archive."""
    if b"conditionalFormattings" not in content:
        return
    for _event, element in iterparse(BytesIO(content)):
        if element.tag == f"{_EXTENSION}conditionalFormatting":
            areas = element.findtext(_AREAS, "").strip()
            for rule in _rules(element) if areas else ():
                sheet.conditional_formatting.add(areas, rule)
        elif element.tag.endswith("}row"):
            element.clear()


def _rules(formatting: Element) -> Iterator[Any]:
    """Its rules, each with the format or the hidden value that it gives to a cell."""
    from openpyxl.formatting.rule import FormatObject, IconSet, Rule
    from openpyxl.styles.differential import DifferentialStyle

    for rule in formatting.iter(f"{_EXTENSION}cfRule"):
        form = rule.find(f"{_EXTENSION}dxf")
        shapes = (rule.find(_EXTENSION + name) for name in ("iconSet", "dataBar"))
        hides = any(s is not None and s.get("showValue") in ("0", "false") for s in shapes)
        if form is not None:
            style = DifferentialStyle.from_tree(form)  # type: ignore[arg-type]
            yield Rule(type="expression", dxf=style)
        elif hides:
            icons = IconSet("3Arrows", showValue=False, cfvo=[FormatObject("num", 0)])
            yield Rule(type="iconSet", iconSet=icons)
