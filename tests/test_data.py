"""The cases in data/: every number has a source, the tables fit, the programme is as announced."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ikmplan.input.dictionary import TABLE_MEANINGS, dictionary
from ikmplan.input.tables import ROWS, check, read_tables

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
CASES = sorted({file.parent for file in DATA.glob("*/*.csv")})
MEDAN = DATA / "medan-2022"


@pytest.fixture(scope="module")
def medan():
    return read_tables(MEDAN)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_is_without_fault(case):
    assert [str(fault) for fault in check(case) if not fault.warning] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_row_names_a_source(case):
    tables = read_tables(case)
    sources = {row.source for row in tables.sources}
    for name in ROWS:
        for row in getattr(tables, name):
            assert row.source in sources, f"{name}: {row}"


def test_medan_has_not_even_a_warning():
    assert [str(fault) for fault in check(MEDAN)] == []


def test_medan_states_what_is_fact_and_what_is_estimate(medan):
    """Both kinds occur, and a reader of a citation can look it up."""
    kinds = {row.source: row.kind for row in medan.sources}
    assert set(kinds.values()) == {"fact", "estimate"}
    used = {row.source for name in ROWS if name != "sources" for row in getattr(medan, name)}
    assert used <= set(kinds)
    for row in medan.sources:
        assert len(row.citation) > 20
        assert row.kind == "estimate" or not row.source.startswith("estimate"), row.source


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_citation_names_only_sources_that_are_there(case):
    """An estimate names the facts that it leans on by their keys: "(antara_288942)"."""
    sources = read_tables(case).sources
    keys = {row.source for row in sources}
    for row in sources:
        named = set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", row.citation))
        assert named <= keys, f"{row.source}: {named - keys}"


def test_medan_is_the_programme_that_was_announced(medan):
    """20 trainings and 600 IKM units (VOI/Antara, 14 January 2022)."""
    courses = {row.course for row in medan.courses}
    held = [row for row in medan.announced if row.item in courses]
    assert sum(row.count for row in held) == 20
    assert sum(row.seats for row in held) == 600
    assert all(row.seats == 30 * row.count for row in held)


def test_medan_has_the_six_kinds_of_equipment(medan):
    """Briquette machine, oven, batako press, food-processing, shoe-sewing, coffee roaster."""
    assert len(medan.equipment) == 6


def test_medan_coaches_producing_businesses_by_cluster_in_many_districts(medan):
    ikm = [row for row in medan.clusters if row.kind == "ikm"]
    assert len(ikm) >= 10
    assert len({row.sector for row in ikm}) >= 8
    assert len({row.district for row in ikm}) >= 8


def test_dictionary_is_in_step_with_the_row_types():
    """Renew with `ikmplan dictionary > data/README.md`."""
    assert (DATA / "README.md").read_text("utf-8") == dictionary()


def test_dictionary_explains_every_table_and_column():
    page = dictionary()
    assert list(TABLE_MEANINGS) == list(ROWS)
    for name, row in ROWS.items():
        section = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
        for column, field in row.model_fields.items():
            assert f"| `{column}` | {field.description} |" in section
