"""What the review remembers: records, provenance, opinions and votes in one SQLite file."""
