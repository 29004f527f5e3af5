import pytest
from hypothesis import given
from hypothesis import strategies as st
from pairs import ABSTRACT, PAPER, paper, registration

from db.record import Author, Identifier, Record, Section
from dedupe import names, places
from dedupe.journals import alike, journal
from dedupe.normal import ABSTRACT as SIGNS
from dedupe.normal import form
from dedupe.notices import read_notice
from dedupe.text import fold, plain
from dedupe.titles import is_generic, numbers, title

# -- text ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "folded"),
    [
        ("Schröder’s “Übungen”", "schroders ubungen"),
        ("TNF-α and TGFβ1, λ", "tnf alpha and tgfbeta1 lambda"),
        ("Ψυχοθεραπεία", "ψυχοθεραπεια"),
        ("Платформенная занятость", "платформенная занятость"),
        ("産後うつ病とガン", "産後うつ病とガン"),
        ("H<sub>2</sub>O &amp; CO&lt;sub&gt;2&lt;/sub&gt;", "h2o co2"),
        (
            r"Schr{\"o}dinger and {\'E}t{\'e} of $\alpha$-synuclein, \textit{in vivo}",
            "schrodinger and ete of alpha synuclein in vivo",
        ),
        ("parent‐infant – dyads", "parent infant dyads"),
        ("ﬁbrosis, Łódź, Ægis, straße", "fibrosis lodz aegis strasse"),
        ("p < 0.05 and q > 3", "p 0 05 and q 3"),
    ],
)
def test_folding_leaves_what_can_be_compared(said, folded):
    assert fold(said) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet="ab{}$\\<>&;/\"'", max_size=40))
def test_no_mark_up_is_too_broken(text):
    assert set(fold(plain(text))) <= set("ab lt gmpquostmic0123456789")


# -- titles -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "Effects of touch",
        "Effects of touch.",
        "[Effects of touch].",
        "[Effects of touch]. [Japanese]",
        "Effects of touch. [Review] [33 refs]",
        "Effects of touch [German, English]",
        "Effects of touch (multiple letters) [1]",
        "RETRACTED: Effects of touch",
        "[WITHDRAWN] Effects of touch",
        "EFFECTS OF TOUCH [Retracted article]",
    ],
)
def test_what_databases_add_to_a_title_is_taken_off(said):
    assert title(said)[::2] == ("effects of touch", "")


@pytest.mark.parametrize("said", ["[18F]FDG uptake", "Effects [Part II]", "Trial of X (the STAR trial)"])
def test_brackets_that_belong_to_the_title_stay(said):
    assert title(said).words == fold(said)


def test_a_note_on_an_articles_fate_is_no_notice():
    said = "Effects of touch on infants.[Erratum appears in Infant Ment Health J. 2009;9(9):2205 [added]].[Erratum"
    assert title(said).words == "effects of touch on infants"
    assert title(said).notice == ""


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Erratum: Effects of touch on infants", "erratum"),
        ("Corrigendum to “Effects of touch on infants”", "erratum"),
        ("Author Correction: Effects of touch on infants", "erratum"),
        ("Effects of touch on infants (vol 360, pg 542, 2009)", "erratum"),
        ("Effects of touch on infants (Blood (2009) 113 (1254-60))", "erratum"),
        ("Effects of touch on infants: Corrigendum", "erratum"),
        ("Retraction of: Effects of touch on infants", "retraction"),
        ("Retraction notice to “Effects of touch on infants”", "retraction"),
        ("Expression of concern: Effects of touch on infants", "concern"),
        ("Re: Effects of touch on infants", "comment"),
        ("Comment on “Effects of touch on infants”", "comment"),
        ("Effects of touch on infants: a comment", "comment"),
        ("Regarding “Effects of touch on infants”", "comment"),
        ("Editorial comment on Effects of touch on infants", "comment"),
        ("Effects of touch on infants - Reply", "reply"),
        ("Authors' reply: Effects of touch on infants", "reply"),
        ("Response to: Effects of touch on infants", "reply"),
        ("Effects of touch on infants: expression of concern", "concern"),
        ("Effects of touch on infants [retraction]", "retraction"),
        ("Erratum: Effects of touch on infants (The Journal of Infants (January", "erratum"),
    ],
)
def test_a_notice_is_known_and_gives_the_title_it_is_about(said, kind):
    assert title(said)[:3:2] == ("effects of touch on infants", kind)


@pytest.mark.parametrize(
    "said",
    [
        "Correction of hyponatraemia in infants",
        "Response to lithium in mothers with bipolar disorder",
        "Depression in mothers: response to lithium",
        "Insulin in infants: dose - response",
        "Retraction of the eyelid in thyroid disease (a case)",
        "Reply patterns in mother-infant dialogue",
        "Relapse (2 to 5 years after the trial)",
    ],
)
def test_ordinary_titles_are_no_notices(said):
    assert read_notice(said)[0] == ""


def test_a_bare_notice_keeps_its_words():
    assert title("Erratum") == ("erratum", (), "erratum", True)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Phase II trial", "Phase 2 trial", True),
        ("Phase II trial", "Phase III trial", False),
        ("Outcome: part I", "Outcome: part 1", True),
        ("Outcome: part I", "Outcome: part II", False),
        ("Outcome: part A", "Outcome: part B", False),
        ("HPV 16 at three months", "HPV-16 at 3 months", True),
        ("Vitamin intake", "Vitamins in food", True),
        ("I or V alone say nothing here", "nothing", True),
    ],
)
def test_numbers_tell_parts_and_phases_apart(one, other, same):
    assert (numbers(fold(one)) == numbers(fold(other))) is same


def test_generic_titles():
    assert is_generic("book reviews")
    assert is_generic("journal of hope volume 52 paper 41", "journal of hope")
    assert not is_generic("introduction to attachment")
    assert title("UNKNOWN").words == ""


# -- places -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("637-41", "637", "641"),
        ("637–641", "637", "641"),
        ("637 -- 641", "637", "641"),
        ("e637", "e637", ""),
        ("E1000097", "e1000097", ""),
        ("S12-5", "s12", "s15"),
        ("S12-S15", "s12", "s15"),
        ("pp. 007-9", "7", "9"),
        ("240-240", "240", "240"),
        ("iv-xi", "iv", "xi"),
        ("637-41; discussion 642-3", "637", "641"),
        ("35+", "35", ""),
        ("100A-101A", "100a", "101a"),
        ("Cd002273", "cd2273", ""),
        ("11-Sep", "", ""),
        ("Sep-11", "", ""),
        ("2011-09-11", "", ""),
        ("No Pagination Specified", "", ""),
        ("N.PAG-N.PAG", "", ""),
        ("10.1000/182", "", ""),
        ("215 p", "", ""),
        ("9" * 5000, "", ""),
    ],
)
def test_pages(said, start, end):
    assert places.pages(said) == (start, end)


@given(st.text(alphabet="0123456789-–eEsS .ivxp+;", max_size=14))
def test_pages_of_their_own_result_are_the_same(text):
    found = places.pages(text)
    again = places.pages(f"{found.start}-{found.end}" if found.end else found.start)
    assert again == found


@pytest.mark.parametrize(
    ("volume", "issue", "found"),
    [
        ("4", "1", ("4", "1")),
        ("4 (1) (no pagination)", "", ("4", "1")),
        ("Vol. 012", "No. 03", ("12", "3")),
        ("xii", "Suppl 1", ("12", "s 1")),
        ("59", "8 SUPPL. 1", ("59", "8 s 1")),
        ("1)", "", ("", "")),
        ("(Jul)", "11-Feb", ("", "")),
        ("12", "e0123456", ("12", "")),
        ("A", "Pt B", ("a", "b")),
    ],
)
def test_volume_and_issue(volume, issue, found):
    assert places.volume_and_issue(volume, issue) == found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("https://doi.org/10.1000/ABC.", "10.1000/abc"),
        ("doi:10.1000/abc)", "10.1000/abc"),
        ("http://dx.doi.org/10.1000%2Fabc", "10.1000/abc"),
        (
            "10.1002/1097-0355(199023)11:3<278::AID-IMHJ2280110309>3.0.CO;2-H",
            "10.1002/1097-0355(199023)11:3<278::aid-imhj2280110309>3.0.co;2-h",
        ),
        ("10.1016/0145-2134(90)90004-X", "10.1016/0145-2134(90)90004-x"),
        ("e22.00123", ""),
    ],
)
def test_doi(said, found):
    assert places.doi(said) == found
    assert places.doi(found) == found


# -- names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ("Zuna, R E and Wang, S S", ("zuna", "wang")),
        ("Zhang, Yanqin; Workman, Annabelle", ("zhang", "workman")),
        ("Adeli K.Lewis G. F.O'Donnell C. P.de Wit J.", ("adeli", "lewis", "odonnell", "wit")),
        ("B. Abrahao; K. S. Cook", ("abrahao", "cook")),
        ("Smith JA", ("smith",)),
        ("van der Maas, Mark", ("maas",)),
        ("Müller, H and Mueller, H", ("muller", "muller")),
        ("Smith, John, Jr.", ("smith",)),
        ("Sylvia Omulo", ("sylvia omulo",)),
        ("ALTS Study Group", ()),
        ("Anonymous", ()),
        ("", ()),
    ],
)
def test_names_in_one_string(said, keys):
    assert names.surnames([Author(said)]) == keys
    assert names.surnames([Author(name) for name in names.split(said)]) == keys


def test_names_in_fields():
    authors = [
        Author("Elton-Marshall", "Tara"),
        Author("ALTS Group", collective=True),
        Author("Mock", initials="SE"),
    ]
    assert names.surnames(authors) == ("eltonmarshall", "mock")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("albarqouni", "albarqo", True),
        ("sylvia omulo", "omulo", True),
        ("marshall", "eltonmarshall", True),
        ("li", "lin", False),
        ("smith", "jones", False),
        ("keogh", "keough", True),
    ],
)
def test_same_name(one, other, same):
    assert names.same_name(one, other) is names.same_name(other, one) is same


# -- journals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("British Journal of Haematology", "Br J Haematol", 0.8, 1),
        ("Proceedings of the National Academy of Sciences", "Proc. Natl. Acad. Sci.", 0.8, 1),
        ("BMJ (Clinical research ed.)", "British Medical Journal", 0.8, 1),
        ("JAMA", "JAMA: The Journal of the American Medical Association", 0.8, 1),
        ("Infectious Agents & Cancer [Electronic Resource]", "Infectious Agents and Cancer", 0.8, 1),
        ("Diabetes. Conference: 77th Scientific Sessions", "Diabetes", 0.8, 1),
        ("ICIS - Thirty First Meeting", "International Conference on Information Systems", 0.8, 1),
        (
            "Pacific Asia Conference on Systems",
            "Pacific Asia Conference on Systems - Proceedings 2018",
            0.8,
            1,
        ),
        ("Diabetes", "Diabetes Care", 0.5, 0.79),
        ("Journal of Digital Studies", "Workshop of Digital Studies", 0, 0.49),
        ("Stroke", "Blood", 0, 0.49),
        ("", "Blood", 0, 0.49),
    ],
)
def test_journals(one, other, least, most):
    assert least <= alike(journal(one), journal(other)) <= most
    assert alike(journal(one), journal(other)) == alike(journal(other), journal(one))


# -- the whole ----------------------------------------------------------------------------------------


def test_a_record_in_comparing_form():
    made = form(
        7,
        paper(
            abstract=ABSTRACT,
            identifiers=(
                Identifier("doi", "https://doi.org/10.1000/A", "idlist"),
                Identifier("pmid", "0012"),
                Identifier("pmid", "99", "reference"),
            ),
        ),
    )
    assert (made.id, made.key[:12], made.surnames) == (7, "motherinfant", ("cooper", "murray", "wilson"))
    assert (made.volume, made.issue, made.start, made.end) == ("182", "5", "412", "419")
    assert (made.dois, made.pmids) == (("10.1000/a",), ("12",))
    assert made.abstract.startswith("psychologicalinterventions")
    assert not made.registration
    assert not made.conference


def test_an_empty_record_is_silent():
    made = form(1, Record(source="file:x", key="1"))
    assert (made.key, made.surnames, made.journals, made.abstract, made.notice) == ("", (), (), "", "")


def test_an_abstract_is_cut_and_its_publisher_left_out():
    made = form(1, paper(abstract=(Section("Touch helps. Copyright 2003 Elsevier. All rights"),)))
    assert made.abstract == "touchhelps"
    assert len(form(1, paper(abstract=(Section("touch " * 900),))).abstract) == SIGNS


def test_places_hide_in_other_fields():
    made = form(1, paper(volume="2003", pages="11-Sep", article_number="e12"))
    assert (made.volume, made.start) == ("", "e12")


def test_a_title_in_two_languages():
    made = form(1, paper(vernacular_title="Psychothérapie mère-enfant"))
    assert made.other_key == "psychotherapiemereenfant"


def test_a_publication_type_makes_a_notice():
    assert form(1, paper(publication_types=("Published Erratum",))).notice == "erratum"


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "conference paper"},
        {"publication_types": ("Conference Abstract",)},
        {"journal": "Diabetes. Conference: 70th Scientific Sessions"},
    ],
)
def test_meetings_are_known(changes):
    assert form(1, paper(**changes)).conference
    assert not form(1, paper(journal="Proceedings of the National Academy of Sciences")).conference


def test_registration_numbers_by_what_they_claim():
    made = form(
        1,
        registration(
            "NCT00000001",
            identifiers=(
                Identifier("nct", "NCT00000001"),
                Identifier("isrctn", "ISRCTN00000002", "secondary"),
                Identifier("utn", "U1111-0000-0001"),
            ),
        ),
    )
    assert (made.trials, made.secondary) == (("NCT00000001",), ("ISRCTN00000002", "U1111-0000-0001"))
    read = form(
        1,
        paper(
            title="Touch (NCT00000003)",
            identifiers=(
                Identifier("nct", "NCT00000001", "databank"),
                Identifier("nct", "NCT00000002", "abstract"),
                Identifier("nct", "NCT00000009", "reference"),
            ),
        ),
    )
    assert (read.trials, read.mentioned) == (("NCT00000001",), ("NCT00000002", "NCT00000003"))


def test_registrations_in_the_clothes_of_an_article():
    made = form(
        1,
        Record(
            source="file:central",
            key="CN-1",
            title="Touch",
            journal="https://clinicaltrials.gov/show/NCT00000001",
        ),
    )
    assert made.registration
    assert made.trials == ("NCT00000001",)


def test_forms_do_not_depend_on_the_source():
    assert form(1, PAPER).key == form(1, paper()).key
