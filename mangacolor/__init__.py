"""Colour black-and-white manga from a colour reference."""

__version__ = "0.1.0"
