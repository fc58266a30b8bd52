"""The files of a chapter: found, planned, noted, packed, put together. Knows no model."""
