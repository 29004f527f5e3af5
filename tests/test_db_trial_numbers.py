"""Trial numbers are found by their shape and written in one way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.record import Identifier
from db.trial_numbers import SCHEMES, find

SPELT = [
    ("NCT00923559", "nct", "NCT00923559"),
    ("nct 00923559", "nct", "NCT00923559"),
    ("NCT-00923559", "nct", "NCT00923559"),
    ("ClinicalTrials.govNCT00923559", "nct", "NCT00923559"),
    ("ISRCTN: 63718836", "isrctn", "ISRCTN63718836"),
    ("2022-501884-41-00", "ctis", "2022-501884-41-00"),
    ("EudraCT 2004-000446-20", "eudract", "2004-000446-20"),
    ("EUCTR2004-000446-20-DE", "eudract", "2004-000446-20"),
    ("ACTRN12611000001987p", "actrn", "ACTRN12611000001987"),
    ("DRKS00000123", "drks", "DRKS00000123"),
    ("ChiCTR2000029308", "chictr", "ChiCTR2000029308"),
    ("chictr-trc-08000084", "chictr", "ChiCTR-TRC-08000084"),
    ("CTRI/2012/01/002345", "ctri", "CTRI/2012/01/002345"),
    ("jRCTs031180001", "jrct", "jRCTs031180001"),
    ("JPRN-UMIN000001234", "umin", "UMIN000001234"),
    ("UMIN-CTR 000001234", "umin", "UMIN000001234"),
    ("JapicCTI-121912", "japic", "JapicCTI-121912"),
    ("JMA-IIA00045", "jma", "JMA-IIA00045"),
    ("KCT0000123", "kct", "KCT0000123"),
    ("IRCT2013102815166N1", "irct", "IRCT2013102815166N1"),
    ("PACTR201502001028339", "pactr", "PACTR201502001028339"),
    ("TCTR20150101001", "tctr", "TCTR20150101001"),
    ("NTR 1234", "ntr", "NTR1234"),
    ("NL-OMON12345", "ntr", "NL-OMON12345"),
    ("RBR-2xjfq5", "rebec", "RBR-2xjfq5"),
    ("SLCTR/2010/008", "slctr", "SLCTR/2010/008"),
    ("LBCTR2019010185", "lbctr", "LBCTR2019010185"),
    ("ITMCTR2020000001", "itmctr", "ITMCTR2020000001"),
    ("RPCEC00000123", "rpcec", "RPCEC00000123"),
    ("PER-013-14", "repec", "PER-013-14"),
    ("U1111-1234-5678", "utn", "U1111-1234-5678"),
]


@pytest.mark.parametrize(("said", "scheme", "value"), SPELT, ids=[said for said, _, _ in SPELT])
def test_each_register_in_its_own_spelling(said, scheme, value):
    assert find(f"registered ({said}).", "abstract") == (Identifier(scheme, value, "abstract"),)
    assert find(value) == (Identifier(scheme, value),)


def test_every_register_is_shown():
    assert {scheme for _, scheme, _ in SPELT} == SCHEMES


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NCT0092355",
        "NCT009235591",
        "function 00923559",
        "NTR1, NTR2 and CENTR1234",
        "phone 2004-000446-20-1",
        "12004-000446-20",
        "ChiCTR-TRC",
        "xKCT0000123",
        "the super-123-45b",
    ],
)
def test_what_only_looks_like_one_is_none(text):
    assert find(text) == ()


def test_in_the_order_of_the_text_and_without_repeats():
    text = "ISRCTN12345678, then NCT00923559, NCT00923559 again; and nct00923559."
    assert [number.value for number in find(text)] == ["ISRCTN12345678", "NCT00923559"]


@given(st.text(max_size=60))
def test_what_is_found_is_found_again_in_its_canonical_spelling(text):
    for number in find(text):
        assert number.scheme in SCHEMES
        assert find(number.value) == (number,)
