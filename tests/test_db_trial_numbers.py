"""Trial numbers are found by their shape and written in one way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.record import Identifier
from db.trial_numbers import SCHEMES, find, mentions

SPELT = [
    ("NCT00923559", "nct", "NCT00923559"),
    ("nct 00923559", "nct", "NCT00923559"),
    ("NCT-00923559", "nct", "NCT00923559"),
    ("ClinicalTrials.govNCT00923559", "nct", "NCT00923559"),
    ("NCT number: NCT00923559", "nct", "NCT00923559"),
    ("NCT No. 00923559", "nct", "NCT00923559"),
    ("NCT00923559Copyright 2012", "nct", "NCT00923559"),
    ("ＮＣＴ００９２３５５９", "nct", "NCT00923559"),
    ("ISRCTN: 63718836", "isrctn", "ISRCTN63718836"),
    ("ISRCTN/73545254", "isrctn", "ISRCTN73545254"),
    ("ISRTCN20814693", "isrctn", "ISRCTN20814693"),
    ("IRCTN74156610", "isrctn", "ISRCTN74156610"),
    ("https://doi.org/10.1186/ISRCTN11093872", "isrctn", "ISRCTN11093872"),
    ("2022-501884-41-00", "ctis", "2022-501884-41-00"),
    ("EudraCT 2004-000446-20", "eudract", "2004-000446-20"),
    ("EUCTR2004-000446-20-DE", "eudract", "2004-000446-20"),
    ("EudraCT2004-000446-20", "eudract", "2004-000446-20"),
    ("EudraCT 2011\u2010001925\u201026", "eudract", "2011-001925-26"),
    ("EudraCT: 2004 - 000446 - 20", "eudract", "2004-000446-20"),
    ("D1_Protocol_2023-505613-24 ", "ctis", "2023-505613-24"),
    ("ACTRN12618000904279p", "actrn", "ACTRN12618000904279"),
    ("ACTRN012605000781640", "actrn", "ACTRN12605000781640"),
    ("ANZCTRN12605000781640", "actrn", "ACTRN12605000781640"),
    ("ANZCTR 12605000781640", "actrn", "ACTRN12605000781640"),
    ("DRKS00000123", "drks", "DRKS00000123"),
    ("DRKS-ID: DRKS00013888", "drks", "DRKS00013888"),
    ("DRKS-ID 00013888", "drks", "DRKS00013888"),
    ("ChiCTR2000029308", "chictr", "ChiCTR2000029308"),
    ("chictr-trc-08000084", "chictr", "ChiCTR-TRC-08000084"),
    ("CTRI/2012/01/002345", "ctri", "CTRI/2012/01/002345"),
    ("CTRI-2020-03-024402", "ctri", "CTRI/2020/03/024402"),
    ("jRCTs031180001", "jrct", "jRCTs031180001"),
    ("JPRN-jRCT2031190264", "jrct", "jRCT2031190264"),
    ("JPRN-UMIN000001234", "umin", "UMIN000001234"),
    ("UMIN-CTR 000001234", "umin", "UMIN000001234"),
    ("UMIN-CTR number C000000123", "umin", "UMIN000000123"),
    ("JPRN-C000000123", "umin", "UMIN000000123"),
    ("UMIN ID: 000012345", "umin", "UMIN000012345"),
    ("JapicCTI-121912", "japic", "JapicCTI-121912"),
    ("JMA-IIA00045", "jma", "JMA-IIA00045"),
    ("KCT0000123", "kct", "KCT0000123"),
    ("IRCT2013102815166N1", "irct", "IRCT2013102815166N1"),
    ("PACTR201502001028339", "pactr", "PACTR201502001028339"),
    ("TCTR20150101001", "tctr", "TCTR20150101001"),
    ("NTR 1234", "ntr", "NTR1234"),
    ("NTR/1190", "ntr", "NTR1190"),
    ("www.trialregister.nl NTR2188", "ntr", "NTR2188"),
    ("NL-OMON12345", "ntr", "NL-OMON12345"),
    ("RBR-2xjfq5", "rebec", "RBR-2xjfq5"),
    ("SLCTR/2010/008", "slctr", "SLCTR/2010/008"),
    ("https://slctr.lk/trials/slctr-2020-011", "slctr", "SLCTR/2020/011"),
    ("LBCTR2019010185", "lbctr", "LBCTR2019010185"),
    ("ITMCTR2020000001", "itmctr", "ITMCTR2020000001"),
    ("RPCEC00000123", "rpcec", "RPCEC00000123"),
    ("RPCEC00000306-En", "rpcec", "RPCEC00000306"),
    ("PER-013-14", "repec", "PER-013-14"),
    ("U1111-1234-5678", "utn", "U1111-1234-5678"),
    ("U1111 1254 7316", "utn", "U1111-1254-7316"),
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
        "NCT00000000",
        "NCTC 10418",
        "NTC00078607",
        "postal code NL 1081",
        "site NL007, NL8490",
        "R01 MH071234, GM123456, grant 2004-000446",
        "doi:10.1007/s00737-014-0483-y and 10.1016/S1470-2045(16)30625-8",
        "ORCID 0000-0002-1825-0097",
        "PMID: 27914822",
        "telephone +49 2004 000446",
        "the UMIN network of 2000000 doctors",
        "GenBank KC123456, KCT12345",
        "CAS 192725-17-0",
        "group A1111-1234-5678 and menu1111-1111-1111-1111",
        "rbr-positive cells",
    ],
)
def test_what_only_looks_like_one_is_none(text):
    assert find(text) == ()


def test_in_the_order_of_the_text_and_without_repeats():
    text = "ISRCTN12345678, then NCT00923559, NCT00923559 again; and nct00923559."
    assert [number.value for number in find(text)] == ["ISRCTN12345678", "NCT00923559"]


def test_dutch_numbers_of_two_letters_need_their_register():
    assert [n.value for n in find("NL8490")] == ["NL8490"]
    assert [n.value for n in find("Netherlands Trial Register: NL8490")] == ["NL8490"]
    assert [n.value for n in find("www.trialregister.nl, identifier NL7654.")] == ["NL7654"]


def test_where_a_number_stands():
    text = "Stra\u00dfe. Registered: ISRCTN 63718836 \u2013 and again ISRCTN63718836"
    places = [(text[found.start : found.end], found.number.value) for found in mentions(text)]
    assert places == [("ISRCTN 63718836", "ISRCTN63718836"), ("ISRCTN63718836", "ISRCTN63718836")]
    assert mentions("nothing of the sort") == ()


@given(
    st.sampled_from(sorted({value for _, _, value in SPELT})),
    st.text("()[]{};,.:!?\"' \n\t\u201c\u2019\u00a0", max_size=5),
    st.text("()[]{};,.:!?\"' \n\t\u201c\u2019\u00a0", max_size=5),
)
def test_a_number_is_found_inside_any_punctuation(value, before, after):
    text = f"words{before or ' '}{value}{after or ' '}words"
    assert [number.value for number in find(text)] == [value]
    assert [text[found.start : found.end] for found in mentions(text)] == [value]


@given(st.text(max_size=60))
def test_what_is_found_is_found_again_in_its_canonical_spelling(text):
    for number in find(text):
        assert number.scheme in SCHEMES
        assert find(number.value) == (number,)
