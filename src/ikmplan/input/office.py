"""The keys of office.csv: what each one names, and what its text must look like.

Pages and the workbook take every name and account code from there; the code knows none.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ikmplan.input.cells import parse_number
from ikmplan.text import N_, _

SUB_ACTIVITY, ACCOUNT, LEVEL = "sub_activity_", "account_", "level_"
PPN = "ppn_equipment"
STATUS, DRAFT, APPROVAL = "status", "draft", "approval"
# key -> what it names
NAMES = {
    "region": N_("the region"),
    "year": N_("the budget year"),
    "office": N_("the office (organisation) that plans"),
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
}
# keys of which an office makes its own: how they are written -> what they name
PATTERNS = {
    "account_<word>": N_("account of the components that name it, such as account_food"),
    "account_<word>_name": N_("its name"),
    "level_<code>": N_("name of a level above the accounts, such as level_5_1_02"),
}
# without these the workbook has gaps
NEEDED = (
    *("region", "year", "office", "head", "urusan", "bidang_urusan", "program", "kegiatan"),
    *(key for key in NAMES if key.startswith((SUB_ACTIVITY, ACCOUNT))),
)
_CODE = re.compile(r"\d+(\.\d+)+")
_OWN = re.compile(rf"{ACCOUNT}[a-z0-9_]+|{LEVEL}\d+(_\d+)*")


def known(key: str) -> bool:
    """Whether anything reads the key."""
    return key in NAMES or bool(_OWN.fullmatch(key))


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
    if key == PPN:
        try:
            fits = 0 <= parse_number(value, indonesian=False) < 1
        except ValueError:
            fits = False
        if not fits:
            message = _("is not {expected}.", expected=_("a number from 0 to 1"))
            return message, _("Write a share, such as 0.11; without tax leave the row out.")
    return None


def ppn(office: dict[str, str]) -> Fraction | None:
    """PPN as a share of the price before tax, exact; None where the data state none."""
    value = office.get(PPN)
    return None if value is None else Fraction(str(parse_number(value, indonesian=False)))


def level_name(office: dict[str, str], code: str) -> str | None:
    """The name of a level above the accounts: "5.1.02" is called by level_5_1_02."""
    return office.get(LEVEL + code.replace(".", "_"))
