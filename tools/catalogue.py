"""Keeps the Indonesian catalogue in step with the code, the rules and the notebooks.

    python tools/catalogue.py                  renew ikmplan.po and .mo, list what is untranslated
    python tools/catalogue.py --check          change nothing; exit code 1 if anything is behind
    python tools/catalogue.py --missing F.json write what is untranslated as {msgid: ""}
    python tools/catalogue.py --fill F.json    take translations from such a file, then renew

Messages are `_("...")` and `N_("...")` in src/, the sentence, scope and unit of each rule,
and each markdown cell of notebooks/. What is no longer used is dropped (and listed).
Words to use: docs/decisions/translation.md.
"""

from __future__ import annotations

import argparse
import io
import json
import string
import sys
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from ikmplan.model.rules import RULES
from ikmplan.notebook.execute import read
from ikmplan.notebook.prose import msgids

ROOT = Path(__file__).resolve().parents[1]
PO = ROOT / "src" / "ikmplan" / "locale" / "id" / "LC_MESSAGES" / "ikmplan.po"
MO = PO.with_suffix(".mo")
HEADER = "# Indonesian. Renewed by tools/catalogue.py; only the msgstr lines are written by hand."
TYPER = ("Arguments", "Commands", "Options", "default: {default}", "required")


class Undated(Catalog):
    """A catalogue whose header never changes, so that files differ only where messages do."""

    mime_headers = property(  # type: ignore[assignment]
        lambda self: [
            ("Project-Id-Version", "ikmplan"),
            ("Language", "id"),
            ("Plural-Forms", "nplurals=1; plural=0;"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ],
        lambda self, value: None,
    )


def extracted() -> dict[str, list[str]]:
    """msgid -> the files that hold it, in the order of their names."""
    found: dict[str, list[str]] = {}

    def add(msgid: str, where: str) -> None:
        places = found.setdefault(msgid, [])
        if msgid and where not in places:
            places.append(where)

    source = ROOT / "src" / "ikmplan"
    keywords = {"_": None, "N_": None}
    for file, _line, msgid, _comments, _context in extract_from_dir(
        source, [("**.py", "python")], keywords=keywords
    ):
        add(str(msgid), f"src/ikmplan/{Path(file).as_posix()}")
    for rule in RULES:
        for message in (rule.sentence, rule.scope, rule.unit):
            add(message, "src/ikmplan/model/rules.py")
    for message in TYPER:
        add(message, "typer")
    for file in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for msgid in msgids(read(file)):
            add(msgid, f"notebooks/{file.name}")
    found.pop("", None)
    return dict(sorted(found.items(), key=lambda item: (min(item[1]), item[0])))


def translations() -> dict[str, str]:
    """msgid -> Indonesian text, as it stands in the .po file."""
    if not PO.exists():
        return {}
    with PO.open(encoding="utf-8") as file:
        return {str(m.id): str(m.string) for m in read_po(file, locale="id") if m.id}


def made(known: dict[str, str]) -> tuple[bytes, bytes]:
    """The .po and .mo files that the messages and these translations make."""
    catalogue = Undated(locale="id", header_comment=HEADER, fuzzy=False)
    for msgid, places in extracted().items():
        catalogue.add(msgid, known.get(msgid, ""), locations=[(place, 1) for place in places])
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalogue, width=100, include_lineno=False, sort_by_file=False)
    write_mo(mo, catalogue)
    return po.getvalue(), mo.getvalue()


def fields(text: str) -> list[str]:
    """The {placeholders} of a text; none where it is no format string."""
    try:
        return sorted(name for _t, name, _f, _c in string.Formatter().parse(text) if name)
    except ValueError:
        return []


def problems(known: dict[str, str]) -> list[str]:
    """What keeps a planner from reading everything in Indonesian."""
    found = []
    wanted = extracted()
    for msgid, places in wanted.items():
        if not known.get(msgid):
            found.append(f"untranslated ({', '.join(places)}): {msgid!r}")
        elif fields(known[msgid]) != fields(msgid):
            found.append(f"other {{placeholders}}: {msgid!r} -> {known[msgid]!r}")
    found += [f"no longer used: {m!r} -> {known[m]!r}" for m in known if m not in wanted]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing")
    parser.add_argument("--missing", type=Path, metavar="FILE", help="write what is untranslated")
    parser.add_argument("--fill", type=Path, metavar="FILE", help="take translations from it")
    options = parser.parse_args()
    known = translations()
    if options.fill:
        given = json.loads(options.fill.read_text("utf-8"))
        known |= {msgid: message for msgid, message in given.items() if message}
    found = problems(known)
    if options.missing:
        missing = {msgid: "" for msgid in extracted() if not known.get(msgid)}
        text = json.dumps(missing, ensure_ascii=False, indent=1)
        options.missing.write_text(text + "\n", encoding="utf-8")
    po, mo = made(known)
    if options.check:
        for file, content in ((PO, po), (MO, mo)):
            if not file.exists() or file.read_bytes() != content:
                found.append(f"behind: {file.relative_to(ROOT)}")
    else:
        PO.parent.mkdir(parents=True, exist_ok=True)
        PO.write_bytes(po)
        MO.write_bytes(mo)
    for message in found:
        print(message)
    print(f"{len(extracted())} messages, {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
