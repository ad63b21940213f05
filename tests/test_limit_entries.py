"""Limits of an office's own as they are written, refused, shown, dropped and edited."""

from __future__ import annotations

import re
from html import unescape

import pytest
from small_cases import with_scenario
from test_limits import two_sentras

from ikmplan import load, solve
from ikmplan.explore import panels
from ikmplan.explore.state import State
from ikmplan.faults import BadInput
from ikmplan.input.load import make_case
from ikmplan.input.own_limits import parse_limit
from ikmplan.input.scenario import Scenario, make_scenario, read_scenario, write_scenario
from ikmplan.insight.demands import Measures, demands, relaxations, without_demands
from ikmplan.model.conflicts import NoPlan
from ikmplan.plan.audit import find_breaches
from ikmplan.report.names import limit_words
from ikmplan.text import language

MILLION = 1_000_000

# text: a form in which it is written again, and its words in English and Indonesian
READ = {
    "money  baking>=5000000": (
        "money baking >= 5000000",
        "Money, Baking: at least Rp5,000,000",
        "Dana, Baking: paling sedikit Rp5.000.000",
    ),
    "money outside main <= 30%": (
        "money outside main <= 30%",
        "Money, outside main: at most 30% of the whole plan",
        "Dana, di luar main: paling banyak 30% dari seluruh rencana",
    ),
    "seats baking @ district Medan Denai >= 20.5 % of training": (
        "seats baking @ district Medan Denai >= 20.5% of training",
        "Seats, Baking, district Medan Denai: at least 20.5% of all training",
        "Kuota peserta, Baking, Kecamatan Medan Denai: paling sedikit 20,5% dari semua pelatihan",
    ),
    "money equipment @ north+south = 0": (
        "money equipment @ north + south = 0",
        "Money, all machines, North and South: exactly Rp0",
        "Dana, semua mesin, North dan South: tepat Rp0",
    ),
    "units baking+oven @ north >= 20% of training + oven": (
        "units baking + oven @ north >= 20% of training + oven",
        "Units, Baking and Oven, North: at least 20% of all training and Oven",
        "Unit usaha, Baking dan Oven, North: paling sedikit 20% dari semua pelatihan dan Oven",
    ),
    "money apbd <= 30% of dak": (
        "money apbd <= 30% of dak",
        "Money, what APBD may pay for: at most 30% of DAK",
        "Dana, yang boleh dibayar APBD: paling banyak 30% dari DAK",
    ),
    "no training in q3, q1": (
        "no training in q1 q3",
        "All training: no class in Q1 and Q3",
        "Semua pelatihan: tidak ada angkatan pada TW\xa01 dan TW\xa03",
    ),
    "at least 2 of baking, oven @ north, @ sector bakery": (
        "at least 2 of baking, oven @ north, @ sector bakery",
        "At least 2 of these get something: Baking; Oven, North; sector bakery",
        "Paling sedikit 2 dari ini mendapat sesuatu: Baking; Oven, North; sektor bakery",
    ),
    "if @ city then outside south": (
        "if @ city then outside south",
        "If Whole city gets something, outside South does too",
        "Jika Seluruh kota mendapat sesuatu, di luar South juga",
    ),
}


@pytest.mark.parametrize("text", READ)
def test_a_limit_is_read_written_again_and_put_in_words(text):
    limit, (again, english, indonesian) = parse_limit(text), READ[text]
    assert str(limit) == again and parse_limit(again) == limit
    with language("en"):
        assert limit_words(two_sentras(), limit) == english
    with language("id"):
        assert limit_words(two_sentras(), limit) == indonesian


# text: what is wrong and what was expected
UNREAD = {
    "baking": ["does not begin as a limit does", "Begin with money, seats, units"],
    "baking <= 3": ["is a lock", "Write “baking <= 3” in the list locks"],
    "locked in baking @ north": ["asks for something in the plan", "list locks"],
    "locked_out oven": ["leaves something out", "list exclusions"],
    "no baking @ north": ["leaves something out", "“oven @ kue_denai”"],
    "feature weight north 2": ["weighs what is reached", "clusters.csv"],
    "boundary penalty 0.5": ["asks for neighbours", "as a group"],
    "coverage @ north >= 50%": ["asks for a coverage", "floor, floors"],
    "2*baking + 3*oven <= 10": ["multiplies", "classes batik + oven <= 3"],
    "money baking >= money oven": ["compares", "20% of training"],
    "money @ north between 10% and 30%": ["two bounds", "two limits"],
    "seats each district >= 20": ["that it does not name", "one limit for each"],
    "at most 2 clusters": ["that it does not name", "@ kue_denai"],
    "contiguous north": ["no table states which clusters lie side by side", "as a group"],
    "units near north >= 3": ["asks for neighbours", "at least 2 of"],
    "money baking": ["has no sign", "one of >=, <= and ="],
    "money 3 <= baking <= 5": ["states two bounds", "one with >= and one with <="],
    "money baking <= 1.000.000": ["an amount or a share", "Write “money baking <= 1000000”"],
    "uang baking ≤ Rp1,5 miliar": ["as a limit does", "Write “money baking <= 1500000000”"],
    "money @ north <= 0.3": ["an amount or a share", "Write “money @ north <= 30%”"],
    "seats @ kecamatan Medan Denai >= 20": ["“@ kecamatan Medan Denai”", "@ district Medan Denai"],
    "min 2 of baking, oven": ["as a limit does", "Write “at least 2 of baking, oven”"],
    "jika baking maka oven": ["as a limit does", "Write “if baking then oven”"],
    "if baking then no oven": ["cannot be read", "Write “at most 1 of baking, oven”"],
    "only baking in q2": ["as a limit does", "Write “no baking in q1 q3 q4”"],
    "seats baking >= 120%": ["in a share from 0% to 100%", "<= 12.5%"],
    "seats baking >= -5%": ["in a share from 0% to 100%", "<= 12.5%"],
    "seats baking >= 12.345%": ["at most two decimals", "<= 12.5%"],
    "seats baking >= 12,5%": ["an amount or a share", "Write “seats baking >= 12.5%”"],
    "money baking != 30%": ["cannot be read: “baking !”", "Write a key"],
    "kuota peserta baking >= 20": ["as a limit does", "Write “seats baking >= 20”"],
    "unit usaha baking >= 20": ["as a limit does", "Write “units baking >= 20”"],
    "no training in Q1 dan Q2": ["which quarters", "Write “no training in q1 q2”"],
    "setidaknya 2 dari baking, oven": ["as a limit does", "Write “at least 2 of baking, oven”"],
    "seats baking = 30%": ["asks for exactly a share", "Write >= or <="],
    "money Baking <= 5": ["cannot be read: “Baking”", "Write a key, then @"],
    "money baking @ sector <= 5%x": ["does not end in an amount or a share", "30%"],
    "money baking <= 30% of Dana Desa": ["an amount or a share", "“30% of dak”"],
    "no baking in may": ["which quarters", "in q2”. A limit closes whole quarters: q2 is April to"],
    "no baking in q1 and agustus": ["which course and which quarters", "no batik in q1 q2"],
    "no baking in q1 agustus": ["which quarters", "“no baking in q1 q3”. A limit closes whole"],
    "classes baking > 3": ["has no sign", "Write “classes baking >= 4”"],
    "seats < 1.000": ["has no sign", "Write “seats <= 999”"],
    "machines < 0": ["has no sign", "Write one of >=, <= and ="],
    "money baking > 5000000": ["has no sign", "Write one of >=, <= and ="],
    "seats baking > 20%": ["has no sign", "Write one of >=, <= and ="],
    "no baking in ramadan": ["which course and which quarters", "no batik in q1 q2"],
    "no baking @ north in q1": ["which quarters", "not for each cluster"],
    "at least two of baking, oven": ["how many of what", "at least 2 of baking, oven"],
    "at least half of baking, oven": ["how many of what", "at least 2 of batik"],
    "exactly 3 of baking, oven": ["asks for 3 of 2", "at most 2"],
    "if baking": ["has no “then”", "if batik then"],
    "if baking then": ["has no “then”", "if batik then"],
}
# limits and groups that can be read: the column of the fault, what is wrong, the mend
UNFIT = {
    "seats oven >= 2": ["limits", "counts seats, of which oven has none", "machines"],
    "machines baking <= 1": ["limits", "counts machines, of which baking has none", "classes"],
    "money bakin <= 1": ["limits", "names bakin, which is no course", "mean baking?"],
    "money north <= 1": ["limits", "names north, which is no course", "write it as “@ north”"],
    "if baking then north": ["limits", "names north, which is no course", "as “@ north”"],
    "money @ nort <= 1": ["limits", "names nort, which is no cluster and no group", "mean north?"],
    "seats @ sector batik >= 1": ["limits", "sector batik, where no cluster lies", "bakery"],
    "seats @ district Deni >= 1": ["limits", "where no cluster lies", "Medan Denai"],
    "no oven in q1": ["limits", "what is no course", "or training"],
    "no dak in q1": ["limits", "what is no course", "or training"],
    "classes selling @ north >= 1": ["limits", "shared by the whole city", "count seats or units"],
    "seats <= 5% of dak": ["limits", "by a share of a fund", "Write money"],
    "seats <= 5% of baking": ["limits", "does not hold all that is counted", "leave out"],
    "units baking @ city >= 1": ["limits", "suits nobody there", "Remove the limit"],
    "at least 2 of baking, machines": ["limits", "names machines, which is no course", ""],
    "money baking + bakin <= 1": ["limits", "names bakin, which is no course", "mean baking?"],
}


@pytest.mark.parametrize("text", UNREAD)
def test_what_cannot_be_read_is_refused(text):
    seen = []
    for code in ("en", "id"):
        with language(code), pytest.raises(BadInput) as refused:
            make_scenario({"limits": [text, "money <= 1"]})
        (fault,) = refused.value.faults
        assert (fault.column, fault.value) == ("limits", text)
        seen.append((fault.problem, fault.fix))
    (problem, fix), other = seen
    assert UNREAD[text][0] in problem and UNREAD[text][1] in fix
    assert problem != other[0] and fix != other[1]


@pytest.mark.parametrize("text", UNFIT)
def test_what_fits_no_table_is_refused(text):
    column, wrong, mend = UNFIT[text]
    with language("en"), pytest.raises(BadInput) as refused:
        two_sentras(limits=[text, "money <= 1"])
    (fault,) = refused.value.faults
    assert (fault.column, fault.value) == (column, text)
    assert wrong in fault.problem and mend in fault.fix
    with language("id"), pytest.raises(BadInput) as refused:
        two_sentras(limits=[text])
    assert refused.value.faults[0].problem != fault.problem


def test_seats_are_all_of_training():
    """No machine has a seat: all seats at a place are a share of the seats of all training."""
    solve(two_sentras(limits=["seats @ north >= 10% of training"]))
    with language("en"), pytest.raises(BadInput, match="does not hold all that is counted"):
        two_sentras(limits=["units @ north >= 10% of training"])


def test_count_of_what_is_excluded():
    """Of three, two suit anybody: the oven is left out."""
    asked = {"limits": ["at least 3 of baking, oven, selling"], "exclusions": ["oven"]}
    with language("en"), pytest.raises(BadInput, match=r"asks for 3, and only 2 .*Write at most 2"):
        two_sentras(**asked)
    assert solve(two_sentras(**asked | {"limits": ["at least 2 of baking, oven, selling"]}))


@pytest.mark.parametrize(
    ("groups", "pieces"),
    [
        ({"main": ["nort"]}, "“main” holds nort, which is no cluster. Did you mean north?"),
        ({"north": ["south"]}, "“north” is a key already. Give the group another name."),
        ({"training": ["south"]}, "“training” is a key already."),
        ({"Main Sentra": ["north"]}, "“Main Sentra” is a name that no limit .* as main_sentra."),
        ({"2": ["north"]}, "“2” is a name that no limit can state. Give the group another name."),
        ({"main": []}, "column groups.main: .* is not a list of clusters, such as"),
        ({"main": "North"}, "column groups.main: “North” is not a list of clusters, such as"),
        (["north"], "column groups: .* is not names with a list of clusters each"),
    ],
)
def test_groups_that_are_refused(groups, pieces):
    with language("en"), pytest.raises(BadInput, match=pieces):
        two_sentras(groups=groups)


def test_limits_and_groups_from_a_file_and_a_command_line(tmp_path):
    file = tmp_path / "dak.yaml"
    file.write_text(
        "limits:\n  - money outside main <= 30%\n  - at least 2 of baking, oven\n"
        "groups:\n  main: [north]\n",
        "utf-8",
    )
    read = read_scenario(file)
    assert read.limits == ("money outside main <= 30%", "at least 2 of baking, oven")
    assert read.groups == {"main": ("north",)}
    given = {
        "limits": "money outside main<=30%, at least 2 of baking, oven",
        "groups": "main=north",
    }
    passed = make_scenario(given)
    case, other = (make_case(two_sentras().tables, s) for s in (read, passed))
    assert case.fingerprint == other.fingerprint
    write_scenario(read, tmp_path / "dak2.yaml")
    assert read_scenario(tmp_path / "dak2.yaml").changed(name="dak") == read


@pytest.mark.parametrize("wrong", ["1, 5", "at least two of baking, oven", "machines << 2, 3"])
def test_a_comma_within_a_limit_that_is_refused_parts_nothing(wrong):
    """In one text, as a command line passes it: the other limit and the misspelt name are read."""
    with pytest.raises(BadInput) as refused:
        make_scenario({"limits": f"money <= 1; {wrong}", "bugdet": 1})
    assert {(f.column, f.value) for f in refused.value.faults} == {
        ("limits", wrong), ("bugdet", None)
    }  # fmt: skip


def test_a_fault_stands_in_its_row(tmp_path):
    from ikmplan.input.yaml_file import read_values

    file = tmp_path / "x.yaml"
    file.write_text("limits:\n  - money <= 1\n  - money <= one\n", "utf-8")
    values, rows = read_values(file)
    with pytest.raises(BadInput) as refused:
        make_scenario(values, str(file), rows)
    assert [(f.row, f.value) for f in refused.value.faults] == [(3, "money <= one")]


def test_a_scenario_without_limits_keeps_its_fingerprint():
    """What the fingerprint is of does not hold the two parameters where they are not used."""
    assert not {"limits", "groups"} & {*Scenario().content()}
    one, other = ["money <= 1", "seats @ main >= 0"], ["seats @ main >= 0", "money  <= 1"]
    a = two_sentras(limits=one, groups={"main": ["north", "south"]})
    b = two_sentras(limits=other, groups={"main": ["south", "north"]})
    assert a.fingerprint == b.fingerprint != two_sentras().fingerprint


# --- audit -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "limit",
    [
        "money baking <= 19999999",  # four classes of 5 million are held
        "money baking >= 20000001",
        "money equipment >= 0.01%",
        "money training @ north <= 49.9% of apbd",
        "seats @ north <= 49.9%",
        "units <= 19",
        "classes @ sector bakery = 3",
        "machines >= 1",
        "no baking in q1 q2 q3 q4",
        "at least 2 of baking, selling",
        "at most 1 of @ north, @ south",
        "exactly 1 of baking, @ south",
        "if baking then oven",
    ],
)
def test_the_audit_refuses_a_plan_that_breaks_it(limit):
    """The best plan holds four classes of five, two at each place, in the quarters 1 to 4."""
    case = two_sentras()
    plan = solve(case)
    breaches = [b for b in find_breaches(plan, with_scenario(case, limits=[limit]))
                if b.rule != "fingerprint"]  # fmt: skip
    assert len(breaches) == 1 and breaches[0].rule == "limits_kept"
    assert str(parse_limit(limit)) == breaches[0].ruling


def test_the_audit_counts_exactly():
    """Four classes of 5 million: what they cost, and not a rupiah less, is enough."""
    case = two_sentras()
    plan = solve(case)
    limits = ["money baking <= 20000000", "seats @ north <= 50%", "money training >= 100% of apbd"]
    for text in limits:
        found = list(find_breaches(plan, with_scenario(case, limits=[text])))
        assert [b.rule for b in found] == ["fingerprint"]


@pytest.mark.parametrize("data", ["kendari-2022", "medan-2022", "toy-centre"])
def test_the_example_of_a_limit_can_be_added_to_any_case(data):
    case = load(f"data/{data}")
    (limit,) = with_scenario(case, limits=[panels.limit_example(case)]).scenario.parsed_limits()
    assert limit.part.area == ("district", case.tables.clusters[0].district)


# --- no plan ---------------------------------------------------------------------------------


def no_plan(**scenario):
    with language("en"), pytest.raises(NoPlan) as none:
        solve(two_sentras(**scenario))
    return none.value.conflicts


def test_the_reason_names_the_limit_and_the_mend_is_the_least():
    """15 million for the north's classes are 3, and its 10 people fill 2: 10 million. The budget
    is no matter."""
    (conflict,) = no_plan(limits=["money baking @ north >= 15000000"])
    assert "limit “money baking @ north >= 15000000” cannot be met" in str(conflict)
    (need,) = conflict.needs
    assert "to “money baking @ north >= 10000000”" in need.fix
    assert solve(two_sentras(**need.change)).reached == pytest.approx(10)


def test_a_share_gives_way_to_the_tenth_of_a_percent():
    """Five seats at least with selling, 6 million, and 70 % of the money for ovens: 3 ovens are 12
    of 18, 66.6 %; a fourth does not fit into 20 million."""
    asked = {"limits": ["money equipment >= 70%", "classes selling >= 1"]}
    (conflict,) = no_plan(**asked)
    assert any("to “money equipment >= 66.6%”" in need.fix for need in conflict.needs)
    for need in conflict.needs:
        assert need.alone
        solve(two_sentras(**asked | need.change))


def test_one_quarter_of_several_is_opened_again():
    """Two classes a quarter: three of baking need two quarters, and one is open."""
    (conflict,) = no_plan(limits=["no baking in q1 q2 q3", "classes baking >= 3"])
    fixes = "\n".join(need.fix for need in conflict.needs)
    assert "to “no baking in q1 q3”" in fixes and "to “classes baking >= 2”" in fixes


# --- reasons and page ------------------------------------------------------------------------


def test_a_limit_is_a_demand_that_is_measured_and_dropped():
    """Of the plan without limits: 20 of 20 million for baking, half of the seats in the north."""
    texts = ["money baking <= 50% of apbd", "seats @ main >= 60%", "no baking in q1",
             "at least 2 of baking, oven", "if baking then oven"]  # fmt: skip
    case, plain = two_sentras(limits=texts, groups={"main": ["north"]}), two_sentras()
    plan = solve(plain)
    measured = {}
    for demand in demands(case):
        if demand.kind.startswith("limit"):
            has = Measures(plan, plain).of(demand)
            measured[demand.key] = demand.sign, demand.asked, has, demand.kept(has)
    first = plan.classes.loc[plan.classes["quarter"] == 1, "classes"].sum()
    assert measured == {
        "money baking <= 10000000": ("<=", 10 * MILLION, 20 * MILLION, False),
        "seats @ north >= 60%": (">=", 0.6, 0.5, False),
        "no baking in q1": ("<=", 0, first, first == 0),
        "at least 2 of baking, oven": (">=", 2, 1, False),
        "if baking then oven": ("<=", 0, 1, False),
    }
    assert [key for kind, key, _f in relaxations(case) if kind == "limit"] == texts
    assert without_demands(case).limits == []


def test_the_page_adds_shows_mends_and_removes_a_limit():
    """The list of what is given holds it in words; a text that is none stands beside the list."""
    case = two_sentras()
    with language("en"):
        state = State(case.scenario.changed(language="en"), case.tables)
        try:
            assert state.add("limits", "money baking >= 15000000")
            assert "Money, Baking: at least Rp15,000,000" in panels.locks(state.now)
            assert not state.add("limits", "money baking")
            assert "has no sign" in panels.locks(state.now)
            # neither is taken for a lock or an exclusion, which are shown in other words
            for text, problem in (
                ("baking", "does not begin as a limit does."),
                ("roaster @ coffee >= 2", "is a lock and no limit."),
            ):
                assert not state.add("limits", text)
                assert f"“{text}” {problem}" in unescape(panels.locks(state.now))
            assert state.scenario.limits == ("money baking >= 15000000",)
            # what is to be typed stands there as it is to be typed, and is taken
            assert not state.add("limits", "uang baking ≤ Rp15 juta")
            (proposed,) = re.findall("Write “(.+?)”", unescape(panels.locks(state.now)))
            assert proposed == "money baking <= 15000000" and state.add("limits", proposed)
            state.undo()
            assert state.remove("limits", "money baking >= 15000000")
            assert state.scenario.limits == ()
        finally:
            state.close()


def test_a_count_that_would_ask_nothing_is_removed():
    """A machine needs a class for its operators, which costs a fifth of both at least: nothing but
    machines for 90 % of the money is nothing at all, and “at least 0 of” asks nothing."""
    asked = ["at least 3 of baking, roasting, roaster", "money equipment >= 90%"]
    with pytest.raises(NoPlan) as none:
        solve(load("data/toy", limits=asked))
    (fix,) = [n for c in none.value.conflicts for n in c.needs if "at least 3" in n.fix]
    assert fix.fix == "Remove the limit “at least 3 of baking, roasting, roaster”."
    assert fix.change == {"limits": ("money equipment >= 90%",)}
