"""Harvest: stored search strings in, a ranked and provable screening queue out."""

__version__ = "0.1.0"
