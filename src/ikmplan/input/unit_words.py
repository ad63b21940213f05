"""Words of offices in a cell: beside a number, and in place of one of few words.

Words beside a number leave it as it is, or do not.
"5 hari kerja" in a column of days is 5. "3 minggu" there is not 3, "1300 VA" is not 1300 kVA, and
"5 juta per orang" is no price of a class: no number is offered for these.
"""

from __future__ import annotations

import re

# what an Indonesian office writes in columns that take only certain English words
CHOICES = {
    "ikm": "industri",
    "candidate": "calon",
    "cluster": "sentra",
    "city": "kota",
    "class": "angkatan kelas",
    "person": "orang peserta",
    "trainer": "pelatih instruktur narasumber pengajar",
    "hall": "aula ruang ruangan gedung",
    "other": "lain lainnya",
    "training": "pelatihan",
    "equipment": "peralatan alat mesin",
    "fact": "fakta",
    "estimate": "perkiraan estimasi taksiran",
}
_CHOICE_OF = {word: choice for choice, words in CHOICES.items() for word in words.split()}
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
_ROMAN = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"]


def leave_the_number(text: str, unit: str) -> bool:
    """Whether all words in the text name the unit of the column, or state that it is about so
    much, and none of them stands behind a stroke, as in "5 unit/set"."""
    if re.search(r"/\s*[^\W\d_]", text):
        return False
    return not _other_words(text, unit)


def roman(text: str, unit: str) -> list[float]:
    """The number of "TW II": a Roman one, beside words that leave it as it is."""
    words = [] if re.search(r"[\d/]", text) else _other_words(text, unit)
    return [_ROMAN.index(words[0]) + 1.0] if len(words) == 1 and words[0] in _ROMAN else []


def _other_words(text: str, unit: str) -> list[str]:
    """Words that neither name the unit nor state that the number is about so much."""
    known = {*_UNITS[unit].split(), *_ABOUT.split()}
    return [word for word in re.findall(r"[^\W\d_]+", text.lower()) if word not in known]


def choice_of(word: str) -> str:
    """The word that columns of few words take for it: "estimate" for "Perkiraan"."""
    return _CHOICE_OF.get(word.lower(), word.lower())
