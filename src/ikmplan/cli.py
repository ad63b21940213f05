"""The command `ikmplan`: check the input, run scenarios, print the data dictionary.

Each command imports what it needs, so that `ikmplan --help` answers at once.
The language of the help is that of IKMPLAN_LANGUAGE ("id" unless it is "en").
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from ikmplan.cli_app import (
    INTERRUPTED,
    app,
    argument,
    call,
    command,
    open_streams,
    option,
    print_error,
    stop_as_by_ctrl_c,
)
from ikmplan.cli_report import compare_alike, report_sweep
from ikmplan.text import _

Language = Literal["id", "en"]


def main() -> None:
    """The entry point; ends the process with the exit code."""
    open_streams()
    try:
        stop_as_by_ctrl_c()
        code = call(sys.argv[1:] or ["--help"])
    except (KeyboardInterrupt, typer.Abort):  # before a command has begun
        print_error(_("Stopped."))
        code = INTERRUPTED
    sys.exit(code)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print("ikmplan", version("ikmplan"))
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, option(_("Print the version."), "--version", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    pass


# options of both `run` and `sweep`
Runs = Annotated[Path, option(_("folder that takes the results"), metavar="DIR")]
Workers = Annotated[
    int | None, option(_("worker processes; else one for each core"), min=1, metavar="N")
]
Scheduler = Annotated[
    str | None,
    option(_("Dask scheduler to work on (also DASK_SCHEDULER_ADDRESS)"), metavar="ADDRESS"),
]
Force = Annotated[bool, option(_("also what is done already"), "--force")]
RetryFailed = Annotated[bool, option(_("also what failed before"), "--retry-failed")]
KeepGoing = Annotated[
    bool, option(_("leave out scenarios with faults and run the others"), "--keep-going")
]
CopyTo = Annotated[
    str | None, option(_("also copy each result there, such as s3://bucket/x"), metavar="ADDRESS")
]
Quiet = Annotated[bool, option(_("print failures only"), "--quiet", "-q")]


@command(
    "run",
    _(
        "Make the plan of each scenario file. Results lie in runs/<name>/; what is there"
        " already is not made again."
    ),
)
def run_command(
    params: Annotated[list[Path], argument(_("scenario files"), "PARAMS.yaml")],
    runs: Runs = Path("runs"),
    workers: Workers = None,
    scheduler: Scheduler = None,
    force: Force = False,
    retry_failed: RetryFailed = False,
    keep_going: KeepGoing = False,
    copy_to: CopyTo = None,
    quiet: Quiet = False,
) -> None:
    from ikmplan.batch.prestart import prestart_workers
    from ikmplan.notebook.forkserver import prestart

    prestart()  # while the rest of the program is still being imported
    made = [(runs / path.stem / "manifest.json").exists() for path in params]
    if workers != 1 and not scheduler and (force or made.count(False) > 1):
        prestart_workers()
    _use_language_of(params)
    from ikmplan.batch.batch import SILENT, Options, run_all
    from ikmplan.batch.progress import BatchProgress, SingleRunListener, closing, report_result
    from ikmplan.runs.index import write_index

    alone = len(params) == 1
    options = Options(workers, scheduler, force, retry_failed, keep_going, copy_to)
    listener = SILENT if quiet else SingleRunListener() if alone else BatchProgress()
    with contextlib.closing(listener):
        results = run_all(params, runs, options, listener=listener, index=False)
    failed = [result for result in results if result.error is not None]
    compared = False
    try:
        for result in failed if quiet else results if alone else ():
            report_result(result)
        if not alone and not quiet:
            print(closing(results))
        if len(results) - len(failed) > 1:
            compared = compare_alike(runs, results, quiet)
    finally:
        if not compared:  # a comparison renews it last
            write_index(runs)
    if failed:
        raise typer.Exit(1)


@command(
    "sweep",
    _(
        "Solve a scenario for many values of its fields, into one table:"
        " --vary budget=1e9:5e9:9 --vary floor=0,0.1,0.2"
    ),
)
def sweep_command(
    params: Annotated[Path, argument(_("scenario to vary"), "PARAMS.yaml")],
    vary: Annotated[
        list[str], option(_("first:last:count, or values with commas"), metavar="FIELD=VALUES")
    ],
    sample: Annotated[
        int | None, option(_("draw N scenarios of the grid"), min=1, metavar="N")
    ] = None,
    seed: Annotated[int, option(_("seed of the draw"), min=0, metavar="S")] = 0,
    draws: Annotated[
        int | None, option(_("draw N cases for the range of each plan"), min=0, metavar="N")
    ] = None,
    notebooks: Annotated[
        str, option(_("for which to make pages as well"), metavar="none|best|all")
    ] = "none",
    name: Annotated[str | None, option(_("folder in runs/"), metavar="NAME")] = None,
    runs: Runs = Path("runs"),
    workers: Workers = None,
    scheduler: Scheduler = None,
    force: Force = False,
    retry_failed: RetryFailed = False,
    keep_going: KeepGoing = False,
    copy_to: CopyTo = None,
    quiet: Quiet = False,
) -> None:
    from ikmplan.batch.sweep import NOTEBOOKS

    if notebooks not in NOTEBOOKS:
        raise typer.BadParameter(_("--notebooks is one of none, best, all"))
    from ikmplan.notebook.forkserver import prestart

    prestart()  # for the comparison
    _use_language_of([params])
    from ikmplan.batch.batch import SILENT, Options
    from ikmplan.batch.grid import check_size, make_grid
    from ikmplan.batch.jobs import checked_case
    from ikmplan.batch.progress import BatchProgress, described
    from ikmplan.batch.sweep import sweep

    case, warnings = checked_case(params)
    base = case.scenario
    grid = make_grid(base if draws is None else base.changed(draws=draws), vary)
    grid = grid if sample is None else grid.sample(sample, seed)
    check_size(grid)
    if not quiet:
        print(described(grid))
    options = Options(workers, scheduler, force, retry_failed, keep_going, copy_to)
    listener = SILENT if quiet else BatchProgress()
    listener.warns(warnings)
    with contextlib.closing(listener):
        made = sweep(grid, params, runs, options, name=name, notebooks=notebooks, listener=listener)
    report_sweep(made, quiet)


def _use_language_of(params: list[Path]) -> None:
    """Messages are in the language of the pages, not in that of the machine."""
    from ikmplan.input.yaml_file import stated_language
    from ikmplan.text import use_language

    use_language(stated_language(params))


@command("compare", _("Compare finished scenarios. The page is RUNS/compare.html."))
def compare_command(
    runs: Annotated[Path, argument(_("folder of finished runs"), "RUNS")],
    names: Annotated[list[str] | None, argument(_("scenarios; none: all"), "NAME")] = None,
    base: Annotated[str | None, option(_("scenario to measure against"), metavar="NAME")] = None,
    language: Annotated[Language | None, option(_("language of the page"), "--language")] = None,
) -> None:
    from ikmplan.compare.make import compare

    page = compare(runs, names or (), base, code=language)
    print(_("Page: {path}", path=page))


@command("core", _("Write a scenario in which what is in nearly every case's plan is locked."))
def core_command(
    run: Annotated[Path, argument(_("folder of a finished run with draws"), "RUN")],
    target: Annotated[Path, argument(_("scenario file to write"), "PARAMS.yaml")],
) -> None:
    from ikmplan.input.cells import MILLION
    from ikmplan.runs.core import write_core
    from ikmplan.show.table import short_rupiah
    from ikmplan.text import number

    core = write_core(run, target)
    about = {"path": target, "n": len(core.locks)}
    if core.high == 0:
        print(_("{path}: {n} locks; the core costs nothing.", **about))
        return
    if core.cheapest:
        money = {"low": short_rupiah(core.low * MILLION), "high": short_rupiah(core.high * MILLION)}
        print(_("{path}: {n} locks; the core adds {low} to {high} to the cost.", **about, **money))
        return
    print(
        _(
            "{path}: {n} locks; the core costs between {low} and {high} units.",
            **about,
            low=number(core.low, 1),
            high=number(core.high, 1),
        )
    )


@command("check", _("Find every fault of the input. Exit code 1 if there is one."))
def check_command(
    path: Annotated[Path, argument(_("data folder, .xlsx workbook or .yaml file"), "PATH")],
    as_json: Annotated[bool, option(_("print a list for other programs"), "--json")] = False,
    every: Annotated[
        bool,
        option(_("each fault and warning on a line, also where many are of one kind"), "--all"),
    ] = False,
) -> None:
    from ikmplan.batch.jobs import faults_of, is_scenario
    from ikmplan.faults import in_short, warning_lines

    if is_scenario(path):
        _use_language_of([path])
    faults = faults_of(path)
    wrong = [fault for fault in faults if not fault.warning]
    warnings = [fault for fault in faults if fault.warning]
    if as_json:
        import json

        print(json.dumps([fault.as_json() for fault in faults], ensure_ascii=False, indent=1))
    else:
        show = (lambda found: list(map(str, found))) if every else in_short
        lines = [*show(wrong), *warning_lines(warnings, show)]
        for line in lines:
            print(line)
        counts = {"faults": len(wrong), "warnings": len(warnings)}
        if len(lines) < len(faults):
            print(_("Each of them on its line: {command}", command=f"ikmplan check {path} --all"))
        print(_("{path}: faults {faults}, warnings {warnings}.", path=path, **counts))
    raise typer.Exit(1 if wrong else 0)


@command(
    "verify",
    _(
        "Check finished runs: hashes, data of today, audit, page and workbook against the tables."
        " Exit code 1 if one does not verify."
    ),
)
def verify_command(
    paths: Annotated[list[Path], argument(_("runs, or folders of runs"), "RUNS/NAME")],
) -> None:
    from ikmplan.runs.verify import verify

    verdicts = [verdict for path in paths for verdict in verify(path)]
    for verdict in verdicts:
        state = _("does not verify") if verdict.problems else _("verified")
        print(f"{verdict.folder.as_posix()}: {state}")
        for problem in verdict.problems:
            print(f"  - {problem.text}")
        if verdict.unchecked:
            print(f"  ({verdict.unchecked})")
    raise typer.Exit(1 if any(verdict.problems for verdict in verdicts) else 0)


@command(
    "learn",
    _(
        "Read filled-in forms of a plan: count their results into its case, and report what the"
        " plan promised, what was reached, and what that changes."
    ),
)
def learn_command(
    forms: Annotated[list[Path], argument(_("filled-in forms, all of one plan"), "FORMS.xlsx")],
    data: Annotated[
        Path | None, option(_("case that takes the results, else that of the plan"), metavar="DATA")
    ] = None,
    replan: Annotated[bool, option(_("also plan before and after"), "--replan/--no-replan")] = True,
) -> None:
    from ikmplan.learn.learn import learn

    learn(forms, data, replan, print)


@command("new", _("Write an input workbook for another city, to fill in in Excel."))
def new_command(
    file: Annotated[Path, argument(_("workbook to write"), "FILE.xlsx")],
    source: Annotated[
        Path | None, option(_("case to begin with, not the example"), "--from", metavar="DATA")
    ] = None,
    overwrite: Annotated[
        bool, option(_("replace a workbook that is there"), "--overwrite")
    ] = False,
) -> None:
    from ikmplan.workbook.blank_workbook import write_blank_workbook

    tables = write_blank_workbook(file, source, overwrite)
    print(_("{file}: clusters {n}; fill it in and check it.", file=file, n=len(tables.clusters)))
    print(_("Check it: {command}", command=f"ikmplan check {file}"))


@command("explore", _("Open a page to try budgets on and see what they change."))
def explore_command(
    params: Annotated[Path, argument(_("scenario to begin with"), "PARAMS.yaml")] = Path(
        "params/medan-2022.yaml"
    ),
    port: Annotated[int, option(_("port on this computer"), min=1, max=65535, metavar="N")] = 8866,
    browser: Annotated[bool, option(_("open it in the browser"), "--browser/--no-browser")] = True,
) -> None:
    from ikmplan.batch.jobs import faults_of
    from ikmplan.explore.server import serve
    from ikmplan.faults import BadInput, file_fault, in_short, warning_lines

    _use_language_of([params])
    if params.exists() and not params.is_file():  # a pipe: the page reads it after the check
        message = _("is no file that can be read again.")
        raise BadInput([file_fault(str(params), message, _("Save the scenario in a file first."))])
    faults = faults_of(params)
    wrong = [fault for fault in faults if not fault.warning]
    warnings = [fault for fault in faults if fault.warning]
    for line in in_short(wrong) + warning_lines(warnings):
        print_error(line)
    if wrong:
        raise typer.Exit(1)
    serve(params, port, browser, ready=_address)
    print_error(_("Stopped."))


def _address(address: str) -> None:
    print(_("The page, until Ctrl-C: {address}", address=address), flush=True)


@command(
    "notebooks",
    _(
        "Write the notebooks with their text in a language, to open in JupyterLab. The folder lies"
        " in that of ikmplan, beside data and params."
    ),
)
def notebooks_command(
    folder: Annotated[Path, argument(_("folder to write"), "FOLDER")],
    language: Annotated[Language, option(_("language of the text"), "--language")] = "id",
    overwrite: Annotated[
        bool, option(_("replace notebooks that are there"), "--overwrite")
    ] = False,
) -> None:
    from ikmplan.files import find_notebook
    from ikmplan.notebook.suite import write_notebooks

    source = find_notebook(folder).parent
    made = write_notebooks(source, folder, language, overwrite)
    print(_("{folder}: notebooks {n}. Begin with start.ipynb.", folder=folder, n=len(made)))


@command("dictionary", _("Print what each column means. It is the text of data/README.md."))
def dictionary_command() -> None:
    from ikmplan.input.dictionary import dictionary

    print(dictionary(), end="")


if __name__ == "__main__":
    main()
