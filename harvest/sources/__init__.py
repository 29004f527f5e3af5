"""The databases and registers that can be asked: one file, one source."""
