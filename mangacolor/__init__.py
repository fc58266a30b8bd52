"""Colour black-and-white manga from a colour reference."""

import os

__version__ = "0.1.0"

# ONNX Runtime reads it when it is imported, and else keeps a store of its own in the user's cache.
# What is coloured here is nobody else's business.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
