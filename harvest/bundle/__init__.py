"""One file to deposit: everything that a review's numbers are made of, and a check that rebuilds them from it.

people.py     the names of those who voted, or pseudonyms for them
sheets.py     tables of the store as CSV: what each is about, its columns
contents.py   all files of a bundle
describing.py what tells of the files: README, datapackage.json, ro-crate-metadata.json
packing.py    the zip: the same review gives the same bytes
verifying.py  the PRISMA numbers counted anew from the bundle alone

A bundle never holds the answers of sources, only their digests: they are the sources' own. Abstracts are in it when
they are asked for.
"""

from harvest.bundle.packing import Bundle, bundle
from harvest.bundle.verifying import Verified, verify

__all__ = ["Bundle", "Verified", "bundle", "verify"]
