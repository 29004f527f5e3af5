"""Say what to read next, and remember what was said."""
