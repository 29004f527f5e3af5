"""Say which records are the same report, and which reports belong to one study."""
