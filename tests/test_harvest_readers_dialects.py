"""Who wrote an RIS file, and which database its records come from."""

import pytest

from harvest import readers

BODY = "TY  - JOUR\nTI  - Title {n}\n{lines}\nER  - \n"


def read(*lines, times=3, last=()):
    bodies = [BODY.format(n=n, lines="\n".join(lines)) for n in range(times)]
    bodies += [BODY.format(n=99, lines="\n".join(last))] if last else []
    found = readers.read("\n".join(bodies).encode(), "x.ris", "file:x")
    assert len(found.records) == times + bool(last)
    return found.dialect.removeprefix("RIS").removeprefix(" of "), found.platform, found.database


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (['N1  - RAYYAN-INCLUSION: {"A"=>"Included"}'], ("Rayyan", "", "")),
        (["DA  - 2019/10//undefined\nPY  - 2019"], ("Zotero", "", "")),
        (["M4  - Citavi"], ("Citavi", "", "")),
        (["L1  - file:///C:/Users/x/AppData/Local/Mendeley Ltd./x.pdf"], ("Mendeley", "", "")),
        (["UR  - https://www.embase.com/search/results?id=L1"], ("Embase.com", "Embase.com", "Embase")),
        (["DB  - rzh", "DP  - EBSCOhost"], ("EBSCO", "EBSCOhost", "CINAHL")),
        (["DB  - psyh", "DP  - EBSCOhost"], ("EBSCO", "EBSCOhost", "PsycInfo")),
        (["DP  - PubMed"], ("PubMed", "PubMed", "PubMed")),
        (["DB  - APA PsycInfo <2021>", "Link to the Ovid Full Text"], ("Ovid", "Ovid", "APA PsycInfo")),
        (["UR  - https://ovidsp.ovid.com/ovidweb.cgi?T=JS&D=emed24&AN=1"], ("Ovid", "Ovid", "Embase")),
        (["UR  - https://ovidsp.ovid.com/ovidweb.cgi?T=JS&D=medall&AN=1"], ("Ovid", "Ovid", "MEDLINE")),
        (["UR  - https://ovidsp.ovid.com/ovidweb.cgi?T=JS&D=xyz&AN=1"], ("Ovid", "Ovid", "")),
        (["ID  - 889"], ("EndNote", "", "")),
        (["KW  - nothing"], ("", "", "")),
    ],
)  # fmt: skip
def test_signs(lines, told):
    assert read(*lines) == told


def test_mendeley_by_the_order_of_its_tags():
    text = "TY  - JOUR\nT1  - Title\nA1  - Li, X.\nA1  - Yu, B.\nY1  - 2017/08//\nJF  - J\nER  - \n"
    assert readers.read(text.encode(), "x.ris", "file:x").dialect == "RIS of Mendeley"


def test_what_a_manager_passes_on_is_a_platforms_when_nearly_every_record_says_so():
    embase = "UR  - https://www.embase.com/search/results?id=L1"
    assert read(embase, "ID  - RefID:1", times=3) == ("RefWorks", "Embase.com", "Embase")
    assert read(embase, "ID  - RefID:1", times=3, last=["ID  - RefID:2"]) == ("RefWorks", "", "")
    assert read(embase, "ID  - RefID:1", times=12, last=["ID  - RefID:2"]) == (
        "RefWorks", "Embase.com", "Embase",
    )  # fmt: skip


def test_ovid_links_to_several_databases_name_none():
    one, other = (f"UR  - https://ovidsp.ovid.com/ovidweb.cgi?D={code}&AN=1" for code in ("medall", "emed24"))
    assert read(one, last=[other]) == ("Ovid", "Ovid", "")
