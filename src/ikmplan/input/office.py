"""The keys of office.csv: what each one names, and what its text must look like.

Pages and the workbook take every name and account code from there; the code holds none.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ikmplan.input.cells import MOST_RUPIAH, parse_number
from ikmplan.text import N_, _

SUB_ACTIVITY, ACCOUNT, LEVEL = "sub_activity_", "account_", "level_"
PPN = "ppn_equipment"
MACHINE_QUARTER, DOMESTIC_LEAST = "machine_quarter", "domestic_least"
ALLOCATION_BEFORE, ALLOCATION_AFTER = "allocation_before_", "allocation_after_"
STATUS, DRAFT, APPROVAL = "status", "draft", "approval"
# key -> what it names
NAMES = {
    "region": N_("the region"),
    "year": N_("the budget year"),
    "office": N_("the office (organisation) that plans"),
    "office_code": N_("its code in SIPD"),
    "unit": N_("the unit within the office; the office itself where it is missing"),
    "head": N_("the post that signs"),
    "head_name": N_("the name of who signs; a line to fill in where it is missing"),
    "head_id": N_("the staff number (NIP) of who signs"),
    "place": N_("the place of the signature"),
    "preparer": N_("the post that prepares the plan; a line to fill in where it is missing"),
    "preparer_name": N_("the name of who prepares it"),
    "preparer_id": N_("the staff number (NIP) of who prepares it"),
    STATUS: N_("how far the plan is: draft, or approval where it is laid before who signs"),
    "urusan": N_("urusan of the RKA, with its code"),
    "bidang_urusan": N_("bidang urusan of the RKA, with its code"),
    "program": N_("program of the RKA, with its code"),
    "kegiatan": N_("kegiatan of the RKA, with its code"),
    "sub_activity_training": N_("code of the sub-activity that training belongs to"),
    "sub_activity_training_name": N_("its name"),
    "sub_activity_equipment": N_("code of the sub-activity that machines belong to"),
    "sub_activity_equipment_name": N_("its name"),
    "account_training": N_("account of training whose parts are in no table"),
    "account_training_name": N_("its name"),
    "account_equipment": N_("account of machines that are handed over"),
    "account_equipment_name": N_("its name"),
    PPN: N_("PPN in the price of a machine, as a share of the price before tax: 0.11"),
    "program_aim": N_("sasaran program of the RKA; a gap to fill in where it is missing"),
    "program_indicator": N_("indicator of the capaian program; a gap where it is missing"),
    "program_target": N_("its target"),
    "target_group": N_("kelompok sasaran; IKM of the plan's clusters where it is missing"),
    "output_training": N_(
        "indicator of the sub-activity's output as its nomenclature has it, beside the plan's own"
    ),
    "output_training_target": N_("its target"),
    "output_equipment": N_("the same of the sub-activity of machines"),
    "output_equipment_target": N_("its target"),
    "allocation_before_training": N_(
        "allocation of the training sub-activity in the year before [rupiah]"
    ),
    "allocation_after_training": N_("allocation foreseen for it in the year after [rupiah]"),
    "allocation_before_equipment": N_(
        "allocation of the sub-activity of machines in the year before [rupiah]"
    ),
    "allocation_after_equipment": N_("allocation foreseen for it in the year after [rupiah]"),
    "remark_training": N_("keterangan of the training sub-activity"),
    "remark_equipment": N_("keterangan of the sub-activity of machines"),
    MACHINE_QUARTER: N_("quarter in which machines are handed over and paid; 3 where missing"),
    DOMESTIC_LEAST: N_("least share of domestic products that is asked for; 0.4 where missing"),
}
# keys of which an office makes its own: how they are written -> what they name
PATTERNS = {
    "account_<word>": N_("account of the components that name it, such as account_food"),
    "account_<word>_name": N_("its name"),
    "level_<code>": N_("name of a level above the accounts, such as level_5_1_02"),
    "tapd_<n>_name": N_("name of the n-th member of the budget team (TAPD), from 1"),
    "tapd_<n>_id": N_("staff number (NIP) of the member"),
    "tapd_<n>_post": N_("post of the member"),
}
# without these the workbook has gaps
NEEDED = (
    *("region", "year", "office", "head", "urusan", "bidang_urusan", "program", "kegiatan"),
    *(key for key in NAMES if key.startswith((SUB_ACTIVITY, ACCOUNT))),
)
TAPD = re.compile(r"tapd_([1-9]\d?)_(name|id|post)")
_CODE = re.compile(r"\d+(\.\d+)+")
_OWN = re.compile(rf"{ACCOUNT}[a-z0-9_]+|{LEVEL}\d+(_\d+)*")


def known(key: str) -> bool:
    """Whether anything reads the key."""
    return key in NAMES or bool(_OWN.fullmatch(key) or TAPD.fullmatch(key))


def is_account(key: str) -> bool:
    """Whether the key holds the code of an account."""
    return key.startswith(ACCOUNT) and not key.endswith("_name")


def fault_of(key: str, value: str) -> tuple[str, str] | None:
    """What is wrong with the text of a key, and the fix; None where it is good."""
    codes = key.startswith(SUB_ACTIVITY) and not key.endswith("_name")
    if (codes or is_account(key)) and not _CODE.fullmatch(value):
        message = _("is no code of numbers with dots between them.")
        return message, _("Write it as text, such as 5.1.02.02.12.0001.")
    if key == STATUS and value not in (DRAFT, APPROVAL):
        message = _("is neither {one} nor {other}.", one=DRAFT, other=APPROVAL)
        return message, _("Write one of the two; without the row it is a draft.")
    if key in (PPN, DOMESTIC_LEAST) and not _is_share(value, key):
        message = _("is not {expected}.", expected=_("a number from 0 to 1"))
        if key == PPN:
            return message, _("Write a share, such as 0.11; without tax leave the row out.")
        return message, _("Write a share, such as 0.4.")
    if key == MACHINE_QUARTER and value not in ("1", "2", "3", "4"):
        message = _("is not {expected}.", expected=_("a quarter from 1 to 4"))
        return message, _("Write 1, 2, 3 or 4.")
    if key.startswith((ALLOCATION_BEFORE, ALLOCATION_AFTER)) and not _is_rupiah(value):
        message = _("is not {expected}.", expected=_("a whole number"))
        return message, _("Write rupiah in digits, such as 750000000.")
    return None


def _is_share(value: str, key: str) -> bool:
    """From 0 to 1; a rate of PPN is below 1."""
    try:
        share = parse_number(value, indonesian=False)
        return 0 <= share < 1 or (share == 1 and key != PPN)
    except ValueError:
        return False


def _is_rupiah(value: str) -> bool:
    try:
        number = parse_number(value, indonesian=False, is_money=True)
    except ValueError:
        return False
    return isinstance(number, int) and 0 <= number <= MOST_RUPIAH


def machine_quarter(office: dict[str, str]) -> int:
    """The quarter in which machines are handed over and paid."""
    return int(office.get(MACHINE_QUARTER, "3"))


def domestic_least(office: dict[str, str]) -> Fraction:
    """The least share of domestic products that is asked for: 0..1, exact."""
    return Fraction(str(parse_number(office.get(DOMESTIC_LEAST, "0.4"), indonesian=False)))


def allocation(office: dict[str, str], which: str, kind: str) -> int | None:
    """Rupiah that the sub-activity had in another year; None where the data state none."""
    value = office.get(which + kind)
    return None if value is None else int(parse_number(value, indonesian=False, is_money=True))


def ppn(office: dict[str, str]) -> Fraction | None:
    """PPN as a share of the price before tax, exact; None where the data state none."""
    value = office.get(PPN)
    return None if value is None else Fraction(str(parse_number(value, indonesian=False)))


def level_name(office: dict[str, str], code: str) -> str | None:
    """The name of a level above the accounts: "5.1.02" is called by level_5_1_02."""
    return office.get(LEVEL + code.replace(".", "_"))
