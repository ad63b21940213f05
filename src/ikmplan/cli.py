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
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperCommand, TyperGroup

from ikmplan.text import LOCALE, _, current_language

if TYPE_CHECKING:
    from ikmplan.batch import Result
    from ikmplan.progress import Ended
    from ikmplan.sheets import Fault

Language = Literal["id", "en"]
USAGE = 2  # what was typed is no command
INTERRUPTED = 130  # as shells number Ctrl-C


class Group(TyperGroup):
    """All commands; what Typer says in English only is said by the catalogue."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        _write_usage(self, ctx, formatter)

    def get_help_option(self, ctx: Any) -> Any:
        return _translated(super().get_help_option(ctx))


class Command(TyperCommand):
    def format_usage(self, ctx: Any, formatter: Any) -> None:
        _write_usage(self, ctx, formatter)

    def get_help_option(self, ctx: Any) -> Any:
        return _translated(super().get_help_option(ctx))


def _write_usage(command: Any, ctx: Any, formatter: Any) -> None:
    words = " ".join(command.collect_usage_pieces(ctx))
    formatter.write_usage(ctx.command_path, words, _("Usage:") + " ")


def _translated(option: Any) -> Any:
    option.help = _("Show this message and exit.")
    return option


app = typer.Typer(
    cls=Group,
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
    except Exception as error:
        if type(error).__name__ not in _mendable():
            raise
        _say(str(error))
        raise typer.Exit(1) from None


def _mendable() -> set[str]:
    from ikmplan.notebook import IN_WORDS

    return {*IN_WORDS, "Failed"}


def _say(said: str) -> None:
    print(said, file=sys.stderr, flush=True)


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
    cls=Command,
    help=_(
        "Make the plan of each scenario file. Results lie in runs/<name>/; what is there"
        " already is not made again."
    ),
)
def run(
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
        from ikmplan.forkserver import expect_kernels

        alone = len(params) == 1
        expect_kernels()  # while the rest of the program is still being read
        from ikmplan.batch import NOBODY, Options, run_all
        from ikmplan.progress import Alone, Progress, closing

        options = Options(workers, scheduler, force, retry_failed, keep_going, copy_to)
        listener = NOBODY if quiet else Alone() if alone else Progress()
        try:
            results = run_all(params, runs, options, listener=listener)
        finally:
            listener.close()
        for result in results:
            if (alone and not quiet) or (quiet and result.error is not None):
                _report(result)
        if not alone and not quiet:
            print(closing(results))
        planned = [result.name for result in results if result.error is None]
        if len(planned) > 1:
            _compare(runs, planned, quiet)
        if any(result.error is not None for result in results):
            raise typer.Exit(1)


@app.command(
    cls=Command,
    help=_(
        "Solve a scenario for many values of its fields, into one table:"
        " --vary budget=1e9:5e9:9 --vary floor=0,0.1,0.2"
    ),
)
def sweep(
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
    from ikmplan.sweep import NOTEBOOKS

    if notebooks not in NOTEBOOKS:
        raise typer.BadParameter(_("--notebooks is one of none, best, all"))
    with _in_words():
        from ikmplan.forkserver import expect_kernels

        expect_kernels()  # for the comparison
        from ikmplan.batch import NOBODY, Options
        from ikmplan.grid import check_size, make_grid
        from ikmplan.progress import Progress, closing, described
        from ikmplan.scenario import read_scenario
        from ikmplan.sweep import sweep as solve_all

        grid = make_grid(read_scenario(params), vary)
        grid = grid if sample is None else grid.sample(sample, seed)
        check_size(grid)
        if not quiet:
            print(described(grid))
        options = Options(workers, scheduler, force, retry_failed, keep_going, copy_to)
        listener = NOBODY if quiet else Progress()
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
    from ikmplan.compare import compare as make
    from ikmplan.notebook import Failed
    from ikmplan.sheets import BadInput

    try:
        page = make(folder, names)
    except (BadInput, Failed) as error:
        _say(_("They could not be compared: {said}", said=error))
    else:
        if not quiet:
            print(_("Comparison: {path}", path=page))


def _report(result: Result) -> None:
    from ikmplan.plan import PROVEN
    from ikmplan.store import FAILED
    from ikmplan.text import gap_percent, number, rupiah

    folder = result.folder
    if result.error is not None or result.plan is None:
        _say(_("{name}: no plan.", name=result.name))
        _say(result.error or "")
        if (folder / FAILED).exists():
            _say(_("The notebook with the error: {path}", path=folder / FAILED))
        if result.before:
            _say(_("It failed before and was not tried again; to do so, add --retry-failed."))
        return
    plan = result.plan
    print(
        _(
            "{name}: {units} IKM units coached, {reached} of them expected to be reached;"
            " {classes} classes, {machines} machines; {cost}.",
            name=result.name,
            units=number(plan.coached),
            reached=number(plan.reached),
            classes=number(plan.class_count),
            machines=number(plan.machine_count),
            cost=rupiah(plan.cost, short=True),
        )
    )
    gap = gap_percent(plan.proof.gap)
    if gap == gap_percent(0):
        print(_("Proven: no plan is better."))
    elif result.status == PROVEN:
        print(_("Proven: no plan is better by more than {gap}.", gap=gap))
    else:
        print(_("Stopped early: a better plan may exist, by {gap} at most.", gap=gap))
    if result.before:
        print(_("It was already done; to make it again, add --force."))
    print(_("Page: {path}", path=folder / "plan.html"))


@app.command(cls=Command, help=_("Compare finished scenarios. The page is RUNS/compare.html."))
def compare(
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
        from ikmplan.compare import compare as make

        page = make(runs, names or (), base, speak=speak)
    print(_("Page: {path}", path=page))


@app.command(cls=Command, help=_("Find every fault of the input. Exit code 1 if there is one."))
def check(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help=_("data folder, .xlsx workbook or .yaml file"))
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help=_("print a list for other programs"))
    ] = False,
) -> None:
    with _in_words():
        faults = _faults(path)
    wrong = [fault for fault in faults if not fault.warning]
    if as_json:
        import json
        from dataclasses import asdict

        print(json.dumps([asdict(fault) for fault in faults], ensure_ascii=False, indent=1))
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


def _faults(path: Path) -> list[Fault]:
    if path.suffix.lower() in (".yaml", ".yml"):
        from ikmplan.batch import faults_of

        return faults_of(path)
    from ikmplan.tables import check as check_tables

    return check_tables(path)


@app.command(cls=Command, help=_("Write an input workbook for another city, to fill in in Excel."))
def new(
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
        from ikmplan.blank import new as write

        tables = write(file, source, overwrite)
    print(_("{file}: clusters {n}; fill it in and check it.", file=file, n=len(tables.clusters)))
    print(_("Check it: {command}", command=f"ikmplan check {file}"))


@app.command(cls=Command, help=_("Open a page to try budgets on and see what they change."))
def explore(
    params: Annotated[
        Path, typer.Argument(metavar="PARAMS.yaml", help=_("scenario to begin with"))
    ] = Path("params/medan-2022.yaml"),
    port: Annotated[int, typer.Option(help=_("port on this computer"), min=1, max=65535)] = 8866,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help=_("open it in the browser"))
    ] = True,
) -> None:
    with _in_words():
        from ikmplan.batch import faults_of
        from ikmplan.server import serve

        wrong = [fault for fault in faults_of(params) if not fault.warning]
        for fault in wrong:
            _say(str(fault))
        if wrong:
            raise typer.Exit(1)
        serve(params, port, browser, ready=_address)
    _say(_("Stopped."))


def _address(address: str) -> None:
    print(_("The page, until Ctrl-C: {address}", address=address), flush=True)


@app.command(cls=Command, help=_("Print what each column means. It is the text of data/README.md."))
def dictionary() -> None:
    from ikmplan.dictionary import dictionary as written

    print(written(), end="")


if __name__ == "__main__":
    main()
