"""Names that PubMed and ClinicalTrials.gov know: field tags, subheadings, publication types, search areas.

Lists of names only, for "did you mean": whether a subject heading exists is asked of PubMed, which alone knows.
"""

from __future__ import annotations

import re

HELP = "PubMed User Guide (pubmed.ncbi.nlm.nih.gov/help)"

PUBMED_TAGS = frozenset((
    # PubMed User Guide, "Search field tags", and the names EInfo gives them (eutils/einfo.fcgi?db=pubmed)
    "ad", "affiliation", "affl", "all", "all fields", "aid", "article identifier", "au", "author",
    "full", "auid", "author identifier", "author - identifier", "book", "dcom", "completion date",
    "date - completion", "cdat", "cois", "conflict of interest statement",
    "conflict of interest statements", "cn", "corporate author", "author - corporate", "coln", "crdt",
    "create date", "date - create", "rn", "ec/rn number", "ecno", "ed", "editor", "edat", "entry date",
    "date - entry", "filter", "filt", "sb", "subset", "1au", "first author name", "author - first",
    "faut", "fau", "full author name", "fir", "full investigator name", "finv", "gr",
    "grants and funding", "grant number", "grnt", "ir", "investigator", "isbn", "ip", "issue", "iss",
    "ta", "journal", "jour", "la", "lang", "language", "lastau", "last author name", "author - last",
    "laut", "lid", "location id", "mhda", "mesh date", "date - mesh", "majr", "mesh major topic", "sh",
    "mesh subheading", "mesh subheadings", "subheading", "subh", "mh", "mesh", "mesh terms",
    "mesh term", "lr", "modification date", "mdat", "date - modification", "jid", "nlm unique id",
    "ot", "other term", "otrm", "owner", "pg", "pagination", "page", "ps", "personal name as subject",
    "subject - personal name", "pa", "papx", "pharmacological action", "pl", "place of publication",
    "cnty", "pmid", "uid", "pmcid", "mid", "dp", "pdat", "publication date", "date - publication",
    "ppdat", "ppdt", "print publication date", "epdat", "epdt", "dep", "electronic publication date",
    "pt", "ptyp", "publication type", "pubn", "publisher", "si", "secondary source id", "nm", "subs",
    "supplementary concept", "substance name", "tw", "word", "text", "text word", "text words", "ti",
    "title",
    "titl", "tiab", "title/abstract", "tt", "transliterated title", "vi", "vol", "volume", "pid",
    "eid", "dso", "publisher id", "extended pmid", "is", "issn",
))  # fmt: skip
"""Field tags of PubMed, short and in full, in lower case."""

HEADING_TAGS = frozenset(("mh", "mesh", "mesh terms", "mesh term", "majr", "mesh major topic"))
TITLE_TAGS = frozenset(
    (
        "tiab",
        "title/abstract",
        "ti",
        "title",
        "titl",
        "tw",
        "word",
        "text word",
        "text words",
        "ot",
        "other term",
    )
)
TEXT_TAGS = TITLE_TAGS | {"all", "all fields", ""}
PROXIMITY_TAGS = frozenset(("tiab", "title/abstract", "ti", "title", "ad", "affiliation"))
DATE_TAGS = frozenset((
    "dp", "pdat", "publication date", "date - publication", "ppdat", "epdat", "print publication date",
    "electronic publication date",
))  # fmt: skip
SUBHEADING_TAGS = frozenset(("sh", "subh", "subheading", "mesh subheading", "mesh subheadings"))
TYPE_TAGS = frozenset(("pt", "ptyp", "publication type"))


def is_tag(tag: str) -> bool:
    """True for a field tag PubMed knows, as it stands in the brackets, in lower case."""
    name, colon, rest = (part.strip() for part in tag.partition(":"))
    return name in PUBMED_TAGS and (not colon or rest == "noexp" or bool(re.fullmatch(r"~\d+", rest)))


SUBHEADINGS = {
    # PubMed User Guide, "MeSH Subheadings"; manpower, radiography, radionuclide imaging, ultrasonography and
    # utilization are older ones
    "analogs and derivatives": "aa", "abnormalities": "ab", "administration and dosage": "ad",
    "adverse effects": "ae", "agonists": "ag", "anatomy and histology": "ah",
    "antagonists and inhibitors": "ai", "analysis": "an", "biosynthesis": "bi", "blood": "bl",
    "blood supply": "bs", "cerebrospinal fluid": "cf", "chemistry": "ch", "chemically induced": "ci",
    "classification": "cl", "congenital": "cn", "complications": "co", "chemical synthesis": "cs",
    "cytology": "cy", "drug effects": "de", "deficiency": "df", "diagnostic imaging": "dg",
    "diet therapy": "dh", "diagnosis": "di", "drug therapy": "dt", "economics": "ec", "education": "ed",
    "ethnology": "eh", "embryology": "em", "enzymology": "en", "epidemiology": "ep", "ethics": "es",
    "etiology": "et", "growth and development": "gd", "genetics": "ge", "history": "hi",
    "immunology": "im", "injuries": "in", "isolation and purification": "ip", "innervation": "ir",
    "instrumentation": "is", "legislation and jurisprudence": "lj", "manpower": "ma", "metabolism": "me",
    "microbiology": "mi", "mortality": "mo", "methods": "mt", "nursing": "nu",
    "organization and administration": "og", "pathology": "pa", "prevention and control": "pc",
    "pharmacology": "pd", "physiology": "ph", "pharmacokinetics": "pk", "poisoning": "po",
    "physiopathology": "pp", "parasitology": "ps", "psychology": "px", "pathogenicity": "py",
    "radiography": "ra", "radiation effects": "re", "rehabilitation": "rh", "radionuclide imaging": "ri",
    "radiotherapy": "rt", "secondary": "sc", "supply and distribution": "sd",
    "statistics and numerical data": "sn", "standards": "st", "surgery": "su", "trends": "td",
    "therapy": "th", "transmission": "tm", "toxicity": "to", "transplantation": "tr",
    "therapeutic use": "tu", "ultrastructure": "ul", "urine": "ur", "ultrasonography": "us",
    "utilization": "ut", "veterinary": "ve", "virology": "vi",
}  # fmt: skip
"""Name of a subheading → its two letters."""

PUBLICATION_TYPES = (
    # Those that strategies limit to; PubMed User Guide, "Publication Types", has the whole list
    "adaptive clinical trial", "case reports", "clinical conference", "clinical study",
    "clinical trial", "clinical trial protocol", "clinical trial, phase i", "clinical trial, phase ii",
    "clinical trial, phase iii", "clinical trial, phase iv", "clinical trial, veterinary", "comment",
    "comparative study", "congress", "consensus development conference", "controlled clinical trial",
    "corrected and republished article", "dataset", "editorial", "equivalence trial",
    "evaluation study", "expression of concern", "guideline", "historical article",
    "introductory journal article", "journal article", "lecture", "letter", "meta-analysis",
    "multicenter study", "news", "observational study", "observational study, veterinary",
    "patient education handout", "practice guideline", "pragmatic clinical trial", "preprint",
    "published erratum", "randomized controlled trial", "randomized controlled trial, veterinary",
    "retracted publication", "retraction of publication", "review", "scientific integrity review",
    "scoping review", "systematic review", "technical report", "twin study", "validation study",
    "video-audio media",
)  # fmt: skip

SEARCH_AREAS = (
    # clinicaltrials.gov/data-api/about-api/search-areas and …/study-data-structure: the names strategies use.
    # The register has some 400 of them: a name that is not here draws a question only when it is close to one.
    "NCTId", "NCTIdAlias", "BriefTitle", "OfficialTitle", "Acronym", "OrgStudyId", "OrgFullName",
    "OrgClass", "SecondaryId", "SecondaryIdType", "OverallStatus", "LastKnownStatus", "WhyStopped",
    "HasExpandedAccess", "StartDate", "PrimaryCompletionDate", "CompletionDate",
    "StudyFirstSubmitDate", "StudyFirstPostDate", "ResultsFirstSubmitDate", "ResultsFirstPostDate",
    "LastUpdateSubmitDate", "LastUpdatePostDate", "StatusVerifiedDate", "VersionHolder", "HasResults",
    "Condition", "Keyword", "StudyType", "Phase", "DesignAllocation", "DesignInterventionModel",
    "DesignPrimaryPurpose", "DesignObservationalModel", "DesignTimePerspective", "DesignMasking",
    "DesignWhoMasked", "EnrollmentCount", "EnrollmentType", "ArmGroupLabel", "ArmGroupType",
    "ArmGroupDescription", "InterventionType", "InterventionName", "InterventionDescription",
    "InterventionOtherName", "PrimaryOutcomeMeasure", "PrimaryOutcomeDescription",
    "PrimaryOutcomeTimeFrame", "SecondaryOutcomeMeasure", "SecondaryOutcomeDescription",
    "SecondaryOutcomeTimeFrame", "OtherOutcomeMeasure", "EligibilityCriteria", "HealthyVolunteers",
    "Sex", "GenderBased", "MinimumAge", "MaximumAge", "StdAge", "StudyPopulation", "SamplingMethod",
    "CentralContactName", "OverallOfficialName", "OverallOfficialAffiliation", "Location",
    "LocationFacility", "LocationStatus", "LocationCity", "LocationState", "LocationCountry",
    "LocationZip", "LeadSponsorName", "LeadSponsorClass", "CollaboratorName", "CollaboratorClass",
    "ResponsiblePartyInvestigatorFullName", "ResponsiblePartyInvestigatorAffiliation", "BriefSummary",
    "DetailedDescription", "ReferencePMID", "ReferenceType", "ReferenceCitation", "SeeAlsoLinkURL",
    "IPDSharing", "ConditionMeshTerm", "ConditionMeshId", "ConditionAncestorTerm",
    "ConditionBrowseLeafName", "ConditionBrowseBranchName", "InterventionMeshTerm",
    "InterventionMeshId", "InterventionAncestorTerm", "InterventionBrowseLeafName",
    "InterventionBrowseBranchName", "IsFDARegulatedDrug", "IsFDARegulatedDevice", "OversightHasDMC",
    "BasicSearch", "ConditionSearch", "InterventionSearch", "ObsoleteConditionSearch", "OutcomeSearch",
    "OutcomeNameSearch", "TitleSearch", "LocationSearch", "ContactSearch", "NCTIdSearch", "IdSearch",
    "SponsorSearch", "LeadSponsorSearch", "FunderTypeSearch", "ExternalIdsSearch", "EligibilitySearch",
    "PatientSearch", "ResponsiblePartySearch", "ProtocolFullSearch", "FullMatch",
)  # fmt: skip
