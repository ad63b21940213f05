"""What is wrong with the input: where it stands, what was expected, how to fix it."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any

from ikmplan.text import N_, _


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the input: where, what stands there, how to fix it."""

    where: str  # file or sheet
    row: int | None  # as Excel counts: the header is row 1
    column: str | None
    value: str | None
    problem: str  # what is wrong and what was expected
    fix: str
    warning: bool = False
    kind: str = ""  # of faults and warnings that are shown as one

    def __str__(self) -> str:
        place = self.where
        if self.row is not None:
            place += " " + _("row {row}", row=self.row)
        if self.column is not None:
            place += ", " + _("column {column}", column=shown(self.column))
        value = "" if self.value is None else f" “{shown(self.value)}”"
        return f"{place}:{value} {self.problem} {self.fix}".rstrip()

    def as_json(self) -> dict[str, Any]:
        """As `ikmplan check --json` prints it."""
        names = {"problem": "said", "fix": "mend"}  # other programs read these keys
        values = asdict(self)
        del values["kind"]
        return {names.get(key, key): value for key, value in values.items()}


def file_fault(where: str, problem: str, fix: str, warning: bool = False) -> Fault:
    """A fault of a whole file or sheet."""
    return Fault(where, None, None, None, problem, fix, warning)


FEW = 3  # of one kind that are shown one by one
# further places of one kind that are named where they are faults; of warnings FEW
PLACES_NAMED = 20


def in_short(faults: Iterable[Fault]) -> list[str]:
    """A line for each fault; where there are more than FEW of one kind in one column of a
    table, one line: the first of them, how many there are besides, and where the next stand."""
    kinds: dict[tuple[str, ...], list[Fault]] = {}
    for fault in faults:
        unplaced = fault.warning and fault.row is None  # warnings of one kind in any file
        place = () if unplaced else (fault.where, str(fault.column))
        kind = (fault.kind,) if fault.kind else (fault.problem, fault.fix)
        kinds.setdefault((*kind, *place), []).append(fault)
    lines = []
    for first, *more in kinds.values():
        if len(more) < FEW:
            lines += [str(fault) for fault in (first, *more)]
            continue
        most = FEW if first.warning else PLACES_NAMED
        places = [_place(fault) for fault in more[:most]] + ["…"] * (len(more) > most)
        message = _("And {n} more of this kind: {places}.", n=len(more), places=", ".join(places))
        lines.append(f"{first} {message}")
    return lines


def warning_lines(
    warnings: Iterable[Fault], lines: Callable[[Iterable[Fault]], Iterable[str]] = in_short
) -> list[str]:
    """Their lines, each marked as a warning."""
    return [_("Warning: {fault}", fault=line) for line in lines(warnings)]


def _place(fault: Fault) -> str:
    """Where it stands, beside others of the same table; a sheet stands for itself."""
    if fault.row is None:
        return fault.where
    value = "" if fault.value is None else f" “{shown(fault.value)}”"
    return _("row {row}", row=fault.row) + value


class UserError(Exception):
    """An error whose message is written for a reader: it is shown without a traceback."""


_FULL = N_("cannot be written: the disk is full."), N_("Free some space there and try again.")
_CLOSED = (
    N_("may not be read or written by you."),
    N_("Close it in other programs, or choose another folder."),
)
_NO_FOLDER = N_("is there and is no folder."), N_("Move it away, or choose another folder.")
# what the system refuses, and how to fix it, by its number
_REFUSALS = {
    errno.ENOSPC: _FULL,
    getattr(errno, "EDQUOT", errno.ENOSPC): _FULL,
    errno.EFBIG: (
        N_("cannot be written: files may not become that large here."),
        N_("Raise the limit of file sizes."),
    ),
    errno.EACCES: _CLOSED,
    errno.EPERM: _CLOSED,
    errno.EROFS: _CLOSED,
    errno.ENOENT: (N_("is not there."), N_("Check the path.")),
    errno.EEXIST: _NO_FOLDER,
    errno.ENOTDIR: _NO_FOLDER,
    errno.EISDIR: (N_("is a folder and no file."), N_("Move it away, or choose another name.")),
    errno.ELOOP: (N_("is a link that leads back to itself."), N_("Check the path.")),
    errno.ENAMETOOLONG: (N_("has too long a name."), N_("Choose a shorter one.")),
    errno.EMFILE: (N_("cannot be opened: too many files are open."), N_("Close other programs.")),
}


def refusal(error: OSError) -> tuple[str, str]:
    """What the system refuses about a file or folder, and how to fix it."""
    if error.errno not in _REFUSALS:
        return error.strerror or str(error), ""
    problem, fix = _REFUSALS[error.errno]
    return _(problem), _(fix)


def refusal_of(error: OSError) -> str:
    """The same in one line, with the name of the file or folder."""
    name = error.filename
    if name is None:  # the folder in use is missing
        name = _("The folder in use") if error.errno == errno.ENOENT else _("A file")
    return f"{name}: {' '.join(refusal(error))}".rstrip()


class BadInput(UserError, ValueError):
    """The input cannot be used; `faults` holds every reason at once."""

    def __init__(self, faults: list[Fault]):
        self.faults = faults
        super().__init__("\n".join(in_short(faults)))

    def __reduce__(self) -> tuple[Any, ...]:  # exceptions pickle by their message
        return BadInput, (self.faults,)


# likeness of two words that are near in spelling: bugdet and budget, not lantai and data
NEAR = 0.7


def nearest(word: str, known: Iterable[str]) -> str | None:
    """ "Did you mean …?", or None where nothing known is near the word in spelling, or is the only
    one that begins with it."""
    names = [*known]
    word = word[:80] if word.lower() not in names else word.lower()
    begun = [name for name in names if name.startswith(word)]
    near = get_close_matches(word, names, 1, NEAR) or (begun if len(begun) == 1 else [])
    return _("Did you mean {name}?", name=near[0]) if near else None


def shown(value: str, most: int = 60) -> str:
    """The value on one line, cut to `most` characters, `·` for each that cannot be printed."""
    value = "".join(letter if letter.isprintable() else "·" for letter in value[: most + 1])
    return value if len(value) <= most else value[: most - 1] + "…"
