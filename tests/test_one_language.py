"""A command writes in the language of its scenario, whatever that of the machine is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook
from waiting import HUNG

from ikmplan.faults import BadInput
from ikmplan.input.load import load
from ikmplan.input.yaml_file import stated_language
from ikmplan.text import LANGUAGES, language

ROOT = Path(__file__).parents[1]
WORDS = {"en": "column budgt: is no parameter", "id": "kolom budgt: bukan parameter"}
FAULTY = "budgt: 5\nfloors: {nobody: 0.1}\nfunds: {purse: -1}\nsolver: nothing\n"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "data" / "toy", tmp_path / "data" / "toy")
    suits = tmp_path / "data" / "toy" / "course_suits.csv"
    first = suits.read_text("utf-8").splitlines()[1].split(",")
    with suits.open("a", encoding="utf-8") as file:  # a warning
        file.write(",".join([first[0], "no_such_sector", *first[2:]]) + "\n")
    return tmp_path


def output(office: Path, machine: str, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "ikmplan.cli", *words],
        cwd=office,
        env=os.environ | {"IKMPLAN_LANGUAGE": machine},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=HUNG,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("written", LANGUAGES)
@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        *(
            pytest.param(words, marks=pytest.mark.slow)
            for words in (["run"], ["sweep", "--vary", "budget=1,2"], ["explore"])
        ),
    ],
    ids=" ".join,
)
def test_faults_are_in_the_language_of_the_scenario(office: Path, written: str, words: list[str]):
    (office / "s.yaml").write_text(f"data: data/toy\nlanguage: {written}\n{FAULTY}")
    name, *options = words
    message = {machine: output(office, machine, name, "s.yaml", *options) for machine in LANGUAGES}
    assert message["id"] == message["en"]
    code, text = message["id"]
    assert code == 1 and WORDS[written] in text
    assert text.count("nobody") == text.count("purse") == text.count("nothing") == 1


@pytest.mark.slow
@pytest.mark.parametrize("written", LANGUAGES)
def test_also_of_a_file_that_cannot_be_understood(office: Path, written: str):
    (office / "s.yaml").write_text(f"language: {written}\ndata: [\n")
    message = {output(office, machine, "check", "s.yaml") for machine in LANGUAGES}
    assert len(message) == 1


def test_a_scenario_without_a_language_has_that_of_the_machine(office: Path):
    (office / "s.yaml").write_text(f"data: data/toy\n{FAULTY}")
    for machine in LANGUAGES:
        _code, text = output(office, machine, "check", "s.yaml")
        assert WORDS[machine] in text


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["language: en"], "en"), (["a: 1\nlanguage: 'en' # so"], "en"),
        (["{data: x, language: en}"], "en"), (["# language: en"], "id"), (["language: eng"], "id"),
        (["language: en", "language: en"], "en"), (["language: en", "language: id"], "id"),
        (["language: en", "data: x"], "id"), ([], "id"),
    ],
)  # fmt: skip
def test_the_language_that_files_state(tmp_path: Path, texts: list[str], found: str):
    paths = [tmp_path / f"{n}.yaml" for n in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text + "\n")
    with language("id"):
        assert stated_language([*paths, tmp_path / "missing.yaml"]) == found


@pytest.mark.parametrize("written", LANGUAGES)
@pytest.mark.parametrize("machine", LANGUAGES)
def test_the_library_refuses_in_the_language_of_the_scenario(written: str, machine: str):
    with language(machine), pytest.raises(BadInput) as refused:
        load(ROOT / "data" / "toy", language=written, budgt=5)
    assert WORDS[written] in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize("written", LANGUAGES)
def test_a_whole_run_is_in_one_language(office: Path, written: str):
    """Messages, page, index and workbook are the same on machines of either language."""
    (office / "s.yaml").write_text(f"data: data/toy\nlanguage: {written}\nreasons: false\n")
    seen = []
    for machine in LANGUAGES:
        code, text = output(office, machine, "run", "s.yaml", "--runs", machine)
        assert code == 0, text
        index = (office / machine / "index.html").read_text("utf-8")
        page = (office / machine / "s" / "plan.html").read_text("utf-8")
        book = load_workbook(office / machine / "s" / "plan.xlsx")
        cells = [[cell.value for row in sheet for cell in row] for sheet in book]
        text = re.sub(r"\([\d.,]+ (s|detik)\)", "", text)  # of each stage
        seen.append((text.replace(f"{machine}/s", "runs/s"), page, book.sheetnames, cells))
        assert f'<html lang="{written}"' in index and f'<html lang="{written}"' in page
    assert seen[0] == seen[1]
