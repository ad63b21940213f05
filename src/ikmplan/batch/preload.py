"""Imported by the process that workers are forked from, so that each has what it needs.

Nothing is solved, and no thread is started.
"""

from __future__ import annotations

# isort: off
try:
    import distributed  # noqa: F401
except Exception as error:  # a settings file of Dask that cannot be read: `Pool` reports it
    raise ImportError from error
# isort: on
import ipykernel.kernelspec  # noqa: F401
import nbformat
import papermill  # noqa: F401
import pyarrow.pandas_compat
import pyarrow.parquet  # noqa: F401

import ikmplan.batch.tasks
import ikmplan.notebook.engine
import ikmplan.views
import ikmplan.workbook.forms
import ikmplan.workbook.plan_workbook  # noqa: F401
from ikmplan.notebook.forkserver import load_formats
from ikmplan.notebook.html_page import to_html

load_formats()
with_text = nbformat.v4.new_markdown_cell("# Title\n\n*text*", id="title")  # type: ignore[no-untyped-call]
with_table = nbformat.v4.new_code_cell(  # type: ignore[no-untyped-call]
    "",
    id="table",
    outputs=[
        nbformat.v4.new_output("display_data", {"text/html": "<p>table</p>"})  # type: ignore[no-untyped-call]
    ],
)
# its templates are then compiled
to_html(nbformat.v4.new_notebook(cells=[with_text, with_table]), "en", at="-")  # type: ignore[no-untyped-call]
