"""The programs in docs/examples: they parse, and say what ikmplan understands.

Airflow, dask-jobqueue and dask-kubernetes are not installed here, so they are read, not run.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ikmplan.batch.grid import read_axis
from ikmplan.input.scenario import Scenario

DOCS = Path(__file__).parents[1] / "docs"
EXAMPLES = sorted((DOCS / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_it_is_python_with_a_word_of_explanation(path):
    tree = ast.parse(path.read_text("utf-8"), str(path))
    compile(tree, str(path), "exec")
    assert ast.get_docstring(tree)
    assert path.name in (DOCS / "batch.md").read_text("utf-8")


def test_the_dag_passes_parameters_that_there_are():
    tree = ast.parse((DOCS / "examples" / "airflow_ikmplan.py").read_text("utf-8"))
    (call,) = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "PapermillOperator"
    ]
    given = {word.arg: word.value for word in call.keywords}
    assert set(given) == {"task_id", "input_nb", "output_nb", "parameters"}
    names = {ast.literal_eval(key) for key in given["parameters"].keys}
    assert names and names <= set(Scenario.model_fields)
    assert "notebooks/plan.ipynb" in ast.unparse(given["input_nb"])


def test_what_the_page_varies_can_vary():
    text = (DOCS / "batch.md").read_text("utf-8")
    message = re.findall(r"--vary (\S+)", text) + re.findall(
        r"^\| `(\w[^`]*=[^`]*)` \|", text, re.M
    )
    assert len(message) > 5
    for axis in message:
        assert read_axis(axis.replace("\\|", "|")).values  # as a table of Markdown writes it
