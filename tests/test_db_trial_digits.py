"""Digits of trial numbers: what a register can have given, and what it cannot."""

import pytest

from db.trial_digits import sound
from db.trial_numbers import find

REAL = find("""
NCT00173563 NCT00716976 NCT00923559 NCT01087112 NCT01245062 NCT02149199 NCT03275402 NCT04246242 NCT07281079
NCT00000419 NCT00011414 NCT00020969 NCT00036556
ACTRN12605000055606 ACTRN12605000781640 ACTRN12607000067471 ACTRN12608000479303 ACTRN12609000249257
ACTRN12611000121965 ACTRN12615000999538 ACTRN12618001268235 ACTRN12620000421932 ACTRN12623000204640
ISRCTN63718836 ISRCTN73545254 2007-003941-34 2020-001366-11 2022-501884-41-00 DRKS00013888 ChiCTR2000029308
ChiCTR-TRC-08000084 CTRI/2020/03/024402 CTRI/2012/091/002345 jRCTs031190227 UMIN000001159 JapicCTI-205238 KCT0005005
IRCT20200316046792N1 IRCT138807062478N1 IRCT2013102815166N1 PACTR202004801273802 TCTR20200321001 NTR2188 RBR-8969zg
SLCTR/2020/011 LBCTR2020043459 RPCEC00000306 PER-013-14 U1111-1254-7316
""")
COUNT = 49


def test_real_numbers_are_sound():
    assert len(REAL) == COUNT
    assert [number.value for number in REAL if not sound(number)] == []


@pytest.mark.parametrize(
    "value",
    [
        "NCT00923558",
        "NCT12345678",
        "ACTRN12620000421933",
        "ACTRN12614000000000",
        "TCTR20201321001",
        "TCTR20200332001",
        "CTRI/2020/13/024402",
        "PACTR202013801273802",
        "LBCTR2020003459",
        "IRCT99990316046792N1",
    ],
)
def test_slips_and_inventions_are_found_and_known(value):
    (number,) = find(value)
    assert not sound(number)


@pytest.mark.parametrize("value", ["NCT00716976", "NCT04246242", "ACTRN12620000421932"])
def test_one_wrong_digit_is_noticed(value):
    start = value.index("1") if value.startswith("ACTRN") else 2
    for place in range(start + 3, len(value)):
        wrong = value[:place] + str((int(value[place]) + 1) % 10) + value[place + 1 :]
        assert not any(map(sound, find(wrong)))


def test_a_number_with_a_lost_digit_is_not_sound():
    (number,) = find("ISRCTN63718836")
    assert not sound(number.__class__("isrctn", "ISRCTN0000607", "databank"))
