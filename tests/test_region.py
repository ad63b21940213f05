"""The region that heads the RKA is that of the clusters, or `check` warns."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ikmplan.input.region import bare_name
from ikmplan.input.tables import check

ROOT = Path(__file__).parents[1]


def changed(tmp_path: Path, table: str, changes: dict[str, str]) -> list[str]:
    """The warnings about Medan's tables with other texts in one of them."""
    case = Path(shutil.copytree(ROOT / "data" / "medan-2022", tmp_path / "case"))
    file = case / f"{table}.csv"
    text = file.read_text("utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, "utf-8")
    found = check(case)
    assert all(fault.warning and fault.kind == "region" for fault in found)
    return [str(fault) for fault in found]


def test_clusters_of_another_city_under_the_name_of_the_first(tmp_path: Path):
    """All districts begin with Binjai."""
    (warning,) = changed(tmp_path, "clusters", {",Medan ": ",Binjai "})
    assert warning.startswith("office.csv row 2, column value: “Kota Medan” is the region, but ")
    assert "begin with “Binjai”" in warning


def test_clusters_in_no_district_of_a_case_that_is_at_hand(tmp_path: Path):
    (warning,) = changed(tmp_path, "clusters", {",Medan ": ","})
    assert "“Kota Medan” is the region of medan-2022, which has none of these" in warning


@pytest.mark.parametrize("region", ["Kota Binjai", "Kabupaten Deli Serdang"])
def test_an_office_of_which_only_the_region_was_changed(tmp_path: Path, region: str):
    """Office and head name the other region, and so does the place of a city."""
    found = changed(tmp_path, "office", {"region,Kota Medan": f"region,{region}"})
    rows = [warning.split(",")[0] for warning in found if f"name the region, {region}" in warning]
    city = region.startswith("Kota")
    keys = [
        line.split(",")[0]
        for line in (ROOT / "data" / "medan-2022" / "office.csv").read_text("utf-8").splitlines()
    ]
    place = f"office.csv row {keys.index('place') + 1}"
    assert rows == ["office.csv row 4", "office.csv row 5"] + [place] * city


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("office", {"Kota Medan": "Kota  MEDAN"}),
        ("office", {"region,Kota Medan": "region,Medan"}),
        ("office", {"office,Dinas Perindustrian Kota Medan": "office,Dinas Perindustrian"}),
        ("clusters", {"Medan Denai": "Denai"}),  # one district without the city's name
    ],
)
def test_the_same_city_written_otherwise_is_no_warning(
    tmp_path: Path, table: str, changes: dict[str, str]
):
    assert changed(tmp_path, table, changes) == []


@pytest.mark.parametrize(
    ("region", "name"),
    [
        ("Kota Medan", "medan"), ("Kabupaten Deli Serdang", "deli serdang"),
        ("Kab. Pati", "pati"), ("City of Medan", "medan"), ("Toytown", "toytown"),
        ("Kotabaru", "kotabaru"),
    ],
)  # fmt: skip
def test_the_name_without_its_kind(region: str, name: str):
    assert bare_name(region) == name
