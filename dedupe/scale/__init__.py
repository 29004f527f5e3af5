"""Deduplication inside a database engine, for collections that outgrow one machine: see `docs/scale.md`.

Forms, keys, rules and groups are those of the built-in path, called on batches of rows; blocking, joining and finding
what hangs together are the engine's, through Splink. Needs the extra `scale`.
"""
