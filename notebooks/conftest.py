"""How `pytest --nbval notebooks/` runs: every notebook right after set-up, in any order.

Notebooks that plan a whole city several times are slow tests. *compare* reads finished plans:
they are made in a folder that is thrown away, so that no earlier run changes what it shows.
"""

from __future__ import annotations

from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from nbval import plugin
from nbval.kernel import RunningKernel

SLOW = {"plan.ipynb", "compare.ipynb", "scenarios.ipynb"}  # more than a few seconds
TOOL = Path(__file__).parents[1] / "tools" / "notebooks.py"


class BesideRuns(plugin.IPyNbFile):
    """compare.ipynb, whose kernel starts in a folder with the plans that it compares."""

    def setup(self) -> None:
        spec = spec_from_file_location("notebooks_tool", TOOL)
        assert spec and spec.loader
        tool = module_from_spec(spec)
        spec.loader.exec_module(tool)
        self.folder = TemporaryDirectory()
        tool.make_runs(Path(self.folder.name))

        def kernel(name, cwd, **options):
            return RunningKernel(name, cwd=self.folder.name, **options)

        with patch.object(plugin, "RunningKernel", kernel):
            super().setup()

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    collectors = yield
    made = partial(BesideRuns.from_parent, parent, path=file_path)
    runs = file_path.name == "compare.ipynb"
    return [made() if runs and isinstance(c, plugin.IPyNbFile) else c for c in collectors]


def pytest_collection_modifyitems(items):
    for item in items:
        if isinstance(item, plugin.IPyNbCell) and item.path.name in SLOW:
            item.add_marker("slow")
