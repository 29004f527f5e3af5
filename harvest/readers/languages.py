"""Names of columns in the languages of those who write spreadsheets, and of products that translate theirs.

Without accents and in small letters, as all names of columns are compared (`columns.normal`). Words that mean
something else in an English header (`data`, `editor`, `note`) are left out. The words are the everyday ones,
not taken from any product's documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


def named(names: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Field → names of columns, written with commas between them."""
    return MappingProxyType({field: tuple(listed.split(", ")) for field, listed in names.items()})


LOCAL: Mapping[str, tuple[str, ...]] = named(
    {
        # field: German, French, Spanish, Portuguese, Italian, Dutch
        "title": "titel, titre, titulo, titolo, titel des artikels, titre de l article",
        "abstract": "zusammenfassung, abstrakt, kurzfassung, resume, resumen, resumo, riassunto, samenvatting",
        "authors": (
            "autor, autoren, autor innen, autorinnen, verfasser, auteur, auteurs, auteur s, autores, "
            "autor es, autore, autori"
        ),
        "journal": (
            "zeitschrift, revue, titre de la revue, revista, periodico, rivista, tijdschrift, "
            "zeitschriftentitel"
        ),
        "date": (
            "jahr, erscheinungsjahr, publikationsjahr, annee, annee de publication, ano, ano de "
            "publicacion, ano de publicacao, anno, anno di pubblicazione, jaar, jaar van publicatie, "
            "publicatiejaar, erscheinungsdatum, date de publication, fecha, fecha de publicacion, "
            "data de publicacao, data di pubblicazione"
        ),
        "month": "monat, mois, mes, mese, maand",
        "volume": "band, jahrgang, volumen, jaargang",
        "issue": "heft, ausgabe, numero, fascicolo, aflevering, heftnummer",
        "pages": "seiten, seite, paginas, pagine, pagina s, seitenzahl",
        "first page": "startseite, erste seite, premiere page, pagina inicial, pagina iniziale",
        "last page": "letzte seite, derniere page, pagina final, pagina finale",
        "publisher": "verlag, editeur, editorial, editora, editore, uitgever",
        "languages": "sprache, langue, idioma, lingua, taal",
        "publication_types": (
            "publikationstyp, dokumenttyp, type de document, tipo de documento, tipo di documento, "
            "type de publication, tipo de publicacion, documenttype"
        ),
        "keywords": (
            "schlagworte, schlagworter, stichworte, stichworter, schlusselworter, mots cles, mots "
            "clefs, palabras clave, palavras chave, parole chiave, trefwoorden"
        ),
        "urls": "lien, enlace, verknupfung",
    }
)
"""Field → names of columns."""
