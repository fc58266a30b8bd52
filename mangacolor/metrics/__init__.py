"""Figures of merit, one picture or one set at a time."""
