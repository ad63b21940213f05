"""The parameters as they are written, where plain papermill started this kernel.

papermill reads a file of parameters by YAML's own rules and injects what it read: `050000000`
arrives as 10485760, and no cell can see that. Its command line names the file.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from ikmplan.faults import BadInput, Fault
from ikmplan.input.scenario import misread_faults
from ikmplan.input.yaml_file import parse_values


def misread_by_papermill() -> list[Fault]:
    """The values in files (`-f`) and texts (`-y`) of papermill's command line that it reads as
    another value than is written; [] where papermill did not start this kernel."""
    faults = []
    for file, text in _sources():
        with suppress(BadInput):  # a file that papermill can read and ikmplan cannot
            values, rows, _twice = parse_values(file, text)
            faults += misread_faults(values, file, rows)
    return faults


def _command_line() -> tuple[list[str], Path]:
    """The words after `papermill` of the process that started this one, and its folder."""
    for process in psutil.Process().parents():  # with its engine `ikmplan` a server is between
        with suppress(psutil.Error):  # gone, or of another user
            words = process.cmdline()
            for n, word in enumerate(words[:4]):
                if Path(word).stem == "papermill":
                    return words[n + 1 :], Path(process.cwd())
    return [], Path()


def _sources() -> Iterator[tuple[str, str | None]]:
    """(path, None) of each file and (its option, text) of each text of YAML."""
    words, folder = _command_line()
    options = argparse.ArgumentParser(add_help=False, exit_on_error=False, allow_abbrev=False)
    options.add_argument("-f", "--parameters_file", action="append", default=[])
    options.add_argument("-y", "--parameters_yaml", action="append", default=[])
    for name in (("-p", "--parameters"), ("-r", "--parameters_raw")):
        options.add_argument(*name, action="append", nargs=2)
    try:
        found, _others = options.parse_known_args(words)
    except argparse.ArgumentError:
        return
    yield from ((str(folder / file), None) for file in found.parameters_file)
    yield from (("papermill -y", text) for text in found.parameters_yaml)
