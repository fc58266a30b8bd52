"""Scoring a model on pictures it has not seen."""
