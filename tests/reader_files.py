"""The export files under `data/readers`, and an independent way to count their records."""

import csv
import io
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "data" / "readers"

# file → (records, reported as unreadable, dialect, database)
RIS = {
    "apa_psycnet.ris": (1, 0, "RIS of APA PsycNet", "PsycINFO"),
    "asreview_zotero.ris": (6, 0, "RIS of ASReview", ""),
    "citavi.txt": (7, 0, "RIS of Citavi", ""),
    "cochrane.ris": (3, 0, "RIS of Cochrane", "CENTRAL"),
    "covidence.ris": (10, 0, "RIS of Covidence", "Embase"),
    "covidence_refworks.ris": (10, 0, "RIS of Covidence", "Embase"),
    "cyrillic_bom.ris": (1, 0, "RIS", ""),
    "ebsco.ris": (9, 0, "RIS of EBSCO", "Academic Search Premier"),
    "embase.ris": (10, 0, "RIS of Embase.com", "Embase"),
    "embase_bom.ris": (6, 0, "RIS of Embase.com", "Embase"),
    "empty_values.ris": (4, 0, "RIS", ""),
    "endnote.ris": (10, 0, "RIS of EndNote", "Embase"),
    "eppi_reviewer.ris": (10, 0, "RIS of EPPI-Reviewer", "Embase"),
    "every_tag.ris": (1, 0, "RIS", "Name of Database"),
    "faulty_year.ris": (1, 0, "RIS", ""),
    "ieee.ris": (2, 0, "RIS", ""),
    "jabref_chapter.ris": (1, 0, "RIS", ""),
    "jstor.ris": (4, 0, "RIS of JSTOR", "JSTOR"),
    "labels.ris": (32, 0, "RIS of ASReview", ""),
    "lone_cr.ris": (25, 0, "RIS", ""),
    "no_er.ris": (2, 0, "RIS", ""),
    "only_notes.ris": (1, 11, "RIS", ""),
    "ovid_psycinfo.ris": (6, 0, "RIS of Ovid", "APA PsycInfo"),
    "ovid_zotero.ris": (6, 0, "RIS of Zotero", ""),
    "preamble.ris": (2, 0, "RIS", ""),
    "proquest.ris": (6, 0, "RIS of ProQuest", "PTSDpubs"),
    "proquest_mixed_breaks.ris": (2, 0, "RIS of ProQuest", "ProQuest Dissertations & Theses Global"),
    "pubmed_zotero.ris": (6, 0, "RIS of Zotero", ""),
    "refworks.ris": (10, 0, "RIS of RefWorks", "Embase"),
    "scopus.ris": (10, 0, "RIS of Scopus", "Scopus"),
    "several_lines.ris": (3, 0, "RIS", ""),
    "trid.ris": (3, 0, "RIS of TRID", "TRID"),
    "urls.ris": (4, 0, "RIS", ""),
    "web_of_science.ris": (10, 0, "RIS of Web of Science", "Web of Science"),
}
NBIB = {
    "medline_complete.txt": (1, 0, "nbib of PubMed", "PubMed"),
    "medline_no_blank.txt": (1, 0, "nbib of PubMed", "PubMed"),
    "medline_strange_lines.txt": (2, 0, "nbib of PubMed", "PubMed"),
    "pubmed_result1.txt": (1, 0, "nbib of PubMed", "PubMed"),
    "pubmed_result2.txt": (4, 0, "nbib of PubMed", "PubMed"),
    "pubmed_result3.txt": (1, 0, "nbib of PubMed", "PubMed"),
    "pubmed_saved_as.ris": (12, 0, "nbib of PubMed", "PubMed"),
}
TABLES = {
    "abstrackr.csv": (10, 1, "CSV of Abstrackr", ""),
    "asreview.csv": (2, 0, "CSV of ASReview", ""),
    "blanks_after_commas.csv": (5, 0, "CSV", ""),
    "covidence.csv": (10, 0, "CSV of Covidence", ""),
    "duplicates.csv": (10, 4, "CSV", ""),
    "embase.csv": (6, 0, "CSV of Embase.com", "Embase"),
    "embase_excel.csv": (10, 0, "CSV of Embase.com", "Embase"),
    "ieee.csv": (10, 0, "CSV of IEEE Xplore", "IEEE Xplore"),
    "pubmed.csv": (10, 0, "CSV of PubMed", "PubMed"),
    "pubmed_crlf.csv": (1, 0, "CSV of PubMed", "PubMed"),
    "rayyan.csv": (10, 0, "CSV of Rayyan", ""),
    "scopus.csv": (3, 0, "CSV of Scopus", "Scopus"),
    "semicolon.csv": (2, 0, "CSV", ""),
    "springer.csv": (18, 0, "CSV of SpringerLink", "SpringerLink"),
    "tab.tsv": (2, 0, "TSV", ""),
    "zotero.csv": (10, 0, "CSV of Zotero", ""),
}
OTHERS = {
    "acm.bib": (2, 0, "BibTeX of ACM", ""),
    "bepress.enl": (3, 0, "EndNote tagged text", "AIS eLibrary"),
    "bibtex.bib": (1, 0, "BibTeX", ""),
    "ebsco.bib": (1, 1, "BibTeX of EBSCO", "Business Source Complete"),
    "endnote.xml": (1, 0, "EndNote XML", ""),
    "endnote_articles.xml": (2, 0, "EndNote XML", ""),
    "europe_pmc.bib": (2, 0, "BibTeX of Europe PMC", "Europe PMC"),
    "gbk.bib": (1, 0, "BibTeX", ""),
    "ovid_labelled.txt": (1, 0, "Ovid text", ""),
    "ovid_unnumbered.txt": (2, 0, "Ovid text", ""),
    "refer.enw": (1, 0, "EndNote tagged text", ""),
    "scopus.bib": (11, 0, "BibTeX of Scopus", "Scopus"),
    "several_writers.bib": (6, 0, "BibTeX", ""),
    "taylor_francis.bib": (2, 0, "BibTeX", ""),
    "web_of_science.bib": (2, 0, "BibTeX of Web of Science", "Web of Science"),
    "web_of_science.isi": (1, 0, "Web of Science text", "Inspec"),
    "web_of_science_core.isi": (2, 0, "Web of Science text", "Web of Science"),
    "web_of_science_medline.isi": (2, 0, "Web of Science text", "MEDLINE"),
    "wiley.bib": (2, 0, "BibTeX of Wiley", ""),
}
EVERY = RIS | NBIB | TABLES | OTHERS


def body(name):
    return (FOLDER / name).read_bytes()


def ris_count(data):
    """Records of an RIS file: its TY lines."""
    return len(re.findall(rb"(?:^|[\r\n])(?:\xef\xbb\xbf)?TY {1,2}-", data))


def nbib_count(data):
    return len(re.findall(rb"(?:^|[\r\n])(?:\xef\xbb\xbf)?PMID-", data))


def table_count(data, delimiter=",", preamble=0):
    """Rows that say something, below the header."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))
    return sum(any(cell.strip() for cell in row) for row in rows[preamble + 1 :])
