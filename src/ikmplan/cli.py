"""The command `ikmplan`: check the input, run scenarios, print the data dictionary.

Everything heavy is imported inside its command: `ikmplan --help` answers at once.
The language of the help is that of IKMPLAN_LANGUAGE ("id" unless it says "en").
"""

from __future__ import annotations

import gettext
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ikmplan.cli_help import Command, CommandGroup
from ikmplan.faults import UserError
from ikmplan.text import LOCALE, _, current_language

if TYPE_CHECKING:
    from ikmplan.batch.batch import Ended

Language = Literal["id", "en"]
USAGE = 2  # what was typed is no command
INTERRUPTED = 130  # as shells number Ctrl-C


app = typer.Typer(
    cls=CommandGroup,
    help=_("The best provable plan of courses and machines for clusters of small manufacturers."),
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """The entry point; ends the process with the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # what goes into a file or a pipe is UTF-8 on every system
            stream.reconfigure(
                errors="replace", **({} if stream.isatty() else {"encoding": "utf-8"})
            )
    # the headings of Typer's help come from the same catalogue
    os.environ["LANGUAGE"] = current_language()
    gettext.bindtextdomain("ikmplan", str(LOCALE))
    gettext.textdomain("ikmplan")
    try:
        code = app(sys.argv[1:] or ["--help"], prog_name="ikmplan", standalone_mode=False)
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        _say(_("ikmplan does not understand this: {said}", said=error.format_message()))
        _say(_("All commands: ikmplan --help"))
        code = USAGE
    sys.exit(code)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print("ikmplan", version("ikmplan"))
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help=_("Print the version.")
        ),
    ] = False,
) -> None:
    pass


@contextmanager
def _in_words() -> Iterator[None]:
    """What a user can mend is said in words, without a traceback."""
    try:
        yield
    except KeyboardInterrupt:
        _say(_("Stopped."))
        raise typer.Exit(INTERRUPTED) from None
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        _say(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        raise typer.Exit(1) from None
    except UserError as error:
        _say(str(error))
        raise typer.Exit(1) from None


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


Runs = Annotated[Path, typer.Option(metavar="DIR", help=_("folder that takes the results"))]
Workers = Annotated[
    int | None, typer.Option(min=1, metavar="N", help=_("worker processes; else one for each core"))
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS", help=_("Dask scheduler to work on (also DASK_SCHEDULER_ADDRESS)")
    ),
]
Force = Annotated[bool, typer.Option("--force", help=_("also what is done already"))]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help=_("also what failed before"))]
KeepGoing = Annotated[
    bool, typer.Option("--keep-going", help=_("leave out scenarios with faults and run the others"))
]
CopyTo = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help=_("also copy each result there, such as s3://bucket/x")),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help=_("print failures only"))]


@app.command(
    "run",
    cls=Command,
    help=_(
        "Make the plan of each scenario file. Results lie in runs/<name>/; what is there"
        " already is not made again."
    ),
)
def run_command(
    params: Annotated[list[Path], typer.Argument(metavar="PARAMS.yaml", help=_("scenario files"))],
    runs: Runs = Path("runs"),
    workers: Workers = None,
    scheduler: Scheduler = None,
    force: Force = False,
    retry_failed: RetryFailed = False,
    keep_going: KeepGoing = False,
    copy_to: CopyTo = None,
    quiet: Quiet = False,
) -> None:
    with _in_words():
        from ikmplan.notebook.forkserver import prestart

        alone = len(params) == 1
        prestart()  # while the rest of the program is still being read
        from ikmplan.batch.batch import SILENT, Options, run_all
        from ikmplan.batch.progress import (
            BatchProgress,
            SingleRunListener,
            closing,
            report_result,
        )

        options = Options(workers, scheduler, force, retry_failed, keep_going, copy_to)
        listener = SILENT if quiet else SingleRunListener() if alone else BatchProgress()
        try:
            results = run_all(params, runs, options, listener=listener)
        finally:
            listener.close()
        for result in results:
            if (alone and not quiet) or (quiet and result.error is not None):
                report_result(result)
        if not alone and not quiet:
            print(closing(results))
        planned = [result.name for result in results if result.error is None]
        if len(planned) > 1:
            _compare(runs, planned, quiet)
        if any(result.error is not None for result in results):
            raise typer.Exit(1)


@app.command(
    "sweep",
    cls=Command,
    help=_(
        "Solve a scenario for many values of its fields, into one table:"
        " --vary budget=1e9:5e9:9 --vary floor=0,0.1,0.2"
    ),
)
def sweep_command(
    params: Annotated[Path, typer.Argument(metavar="PARAMS.yaml", help=_("scenario to vary"))],
    vary: Annotated[
        list[str],
        typer.Option(metavar="FIELD=VALUES", help=_("first:last:count, or values with commas")),
    ],
    sample: Annotated[
        int | None, typer.Option(min=1, metavar="N", help=_("draw N scenarios of the grid"))
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="S", help=_("seed of the draw"))] = 0,
    notebooks: Annotated[
        str, typer.Option(metavar="none|best|all", help=_("for which to make pages as well"))
    ] = "none",
    name: Annotated[str | None, typer.Option(help=_("folder in runs/"))] = None,
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
    with _in_words():
        from ikmplan.notebook.forkserver import prestart

        prestart()  # for the comparison
        from ikmplan.batch.batch import SILENT, Options
        from ikmplan.batch.grid import check_size, make_grid
        from ikmplan.batch.progress import BatchProgress, closing, described
        from ikmplan.batch.sweep import sweep as solve_all
        from ikmplan.input.scenario import read_scenario

        grid = make_grid(read_scenario(params), vary)
        grid = grid if sample is None else grid.sample(sample, seed)
        check_size(grid)
        if not quiet:
            print(described(grid))
        options = Options(workers, scheduler, force, retry_failed, keep_going, copy_to)
        listener = SILENT if quiet else BatchProgress()
        try:
            made = solve_all(
                grid, params, runs, options, name=name, notebooks=notebooks, listener=listener
            )
        finally:
            listener.close()
        ended: list[Ended] = [*made.solved, *made.notebooks]
        failed = [one for one in ended if one.error is not None]
        if not quiet:
            print(closing(made.solved))
            for result in made.notebooks:
                print(_("Page: {path}", path=result.folder / "plan.html"))
            print(_("Table: {path}", path=made.folder / "sweep.parquet"))
        if any(one.figures for one in made.solved):
            _compare(made.folder, [], quiet)
        for one in failed if quiet else ():
            _say(f"{one.name}: {one.error}")
        if failed:
            raise typer.Exit(1)


def _compare(folder: Path, names: list[str], quiet: bool) -> None:
    """The scenarios side by side; where that fails they are there all the same."""
    from ikmplan.compare.make import compare as make
    from ikmplan.faults import BadInput
    from ikmplan.notebook.execute import Failed

    try:
        page = make(folder, names)
    except (BadInput, Failed) as error:
        _say(_("They could not be compared: {said}", said=error))
    else:
        if not quiet:
            print(_("Comparison: {path}", path=page))


@app.command(
    "compare", cls=Command, help=_("Compare finished scenarios. The page is RUNS/compare.html.")
)
def compare_command(
    runs: Annotated[Path, typer.Argument(metavar="RUNS", help=_("folder of finished runs"))],
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help=_("scenarios; none: all"))
    ] = None,
    base: Annotated[
        str | None, typer.Option(metavar="NAME", help=_("scenario to measure against"))
    ] = None,
    speak: Annotated[
        Language | None, typer.Option("--language", help=_("language of the page"))
    ] = None,
) -> None:
    with _in_words():
        from ikmplan.compare.make import compare as make

        page = make(runs, names or (), base, speak=speak)
    print(_("Page: {path}", path=page))


@app.command(
    "check", cls=Command, help=_("Find every fault of the input. Exit code 1 if there is one.")
)
def check_command(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help=_("data folder, .xlsx workbook or .yaml file"))
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help=_("print a list for other programs"))
    ] = False,
) -> None:
    with _in_words():
        from ikmplan.batch.jobs import faults_of

        faults = faults_of(path)
    wrong = [fault for fault in faults if not fault.warning]
    if as_json:
        import json

        print(json.dumps([fault.as_json() for fault in faults], ensure_ascii=False, indent=1))
    else:
        for fault in faults:
            print(_("Warning: {fault}", fault=fault) if fault.warning else fault)
        print(
            _(
                "{path}: faults {faults}, warnings {warnings}.",
                path=path,
                faults=len(wrong),
                warnings=len(faults) - len(wrong),
            )
        )
    raise typer.Exit(1 if wrong else 0)


@app.command(
    "new", cls=Command, help=_("Write an input workbook for another city, to fill in in Excel.")
)
def new_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help=_("workbook to write"))],
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="DATA", help=_("case to begin with, not the example")),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help=_("replace a workbook that is there"))
    ] = False,
) -> None:
    with _in_words():
        from ikmplan.workbook.blank_workbook import write_blank_workbook

        tables = write_blank_workbook(file, source, overwrite)
    print(_("{file}: clusters {n}; fill it in and check it.", file=file, n=len(tables.clusters)))
    print(_("Check it: {command}", command=f"ikmplan check {file}"))


@app.command(
    "explore", cls=Command, help=_("Open a page to try budgets on and see what they change.")
)
def explore_command(
    params: Annotated[
        Path, typer.Argument(metavar="PARAMS.yaml", help=_("scenario to begin with"))
    ] = Path("params/medan-2022.yaml"),
    port: Annotated[int, typer.Option(help=_("port on this computer"), min=1, max=65535)] = 8866,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help=_("open it in the browser"))
    ] = True,
) -> None:
    with _in_words():
        from ikmplan.batch.jobs import faults_of
        from ikmplan.explore.server import serve

        wrong = [fault for fault in faults_of(params) if not fault.warning]
        for fault in wrong:
            _say(str(fault))
        if wrong:
            raise typer.Exit(1)
        serve(params, port, browser, ready=_address)
    _say(_("Stopped."))


def _address(address: str) -> None:
    print(_("The page, until Ctrl-C: {address}", address=address), flush=True)


@app.command(
    "dictionary",
    cls=Command,
    help=_("Print what each column means. It is the text of data/README.md."),
)
def dictionary_command() -> None:
    from ikmplan.input.dictionary import dictionary as written

    print(written(), end="")


if __name__ == "__main__":
    main()
