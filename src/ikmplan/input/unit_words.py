"""Words beside a number in a cell: whether they leave the number as it is.

"5 hari kerja" in a column of days is 5. "3 minggu" there is not 3, "1300 VA" is not 1300 kVA, and
"5 juta per orang" is no price of a class: no number is offered for these.
"""

from __future__ import annotations

import re

_UNITS = {  # unit of a column -> the words by which offices name it
    "days": "hari hr hk kerja kalender day days",
    "hours": "jam hour hours",
    "people": "orang org peserta siswa people person persons",
    "units": "unit units usaha ikm umkm ukm",
    "machines": "mesin unit buah bh set machine machines",
    "kVA": "kva",
    "m²": "m meter persegi",  # the 2 of m2 is no letter
    "rupiah": "rp rupiah idr",
    "quarters": "triwulan tw kuartal quarter quarters",
    "classes": "angkatan kelas class classes",
    "seconds": "detik s second seconds",
    "share 0–1": "",
    "": "rp rupiah idr orang org peserta unit buah bh set mesin paket kali kelas tw triwulan"
    " kuartal",
}
# that the number is about so much; "jt-an"
_ABOUT = "sekitar kira perkiraan estimasi est ca kl hampir lebih maks maksimal min minimal an"


def leave_the_number(text: str, unit: str) -> bool:
    """Whether all words in the text name the unit of the column, or state that it is about so
    much, and none of them stands behind a stroke, as in "5 unit/set"."""
    if re.search(r"/\s*[^\W\d_]", text):
        return False
    known = {*_UNITS[unit].split(), *_ABOUT.split()}
    return known.issuperset(re.findall(r"[^\W\d_]+", text.lower()))
