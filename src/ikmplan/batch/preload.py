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
import papermill  # noqa: F401
import pyarrow.pandas_compat
import pyarrow.parquet  # noqa: F401

import ikmplan.batch.tasks
import ikmplan.notebook.engine
import ikmplan.views
import ikmplan.workbook.forms
import ikmplan.workbook.plan_workbook  # noqa: F401
from ikmplan.notebook.forkserver import load_formats
from ikmplan.notebook.html_page import prepare_pages

load_formats()
prepare_pages()
