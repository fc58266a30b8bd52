"""The only way to torchvision (and to piq, which imports it).

The torchvision wheels are built for CUDA. On a CPU build of torch their compiled part cannot be
loaded, and the import fails on operators that nothing here calls. Declaring those two operators
is enough for everything that is written in Python.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

__all__ = ["import_piq", "import_torchvision"]

# The declaration lives as long as this object.
_declared: Any = None


def import_torchvision() -> ModuleType:
    """torchvision, with its compiled operators where they can be loaded."""
    global _declared
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "operator torchvision::" not in str(error):
            raise
    import torch

    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    _declared = torch.library.Library("torchvision", "FRAGMENT")
    for operator in ("nms", "qnms"):
        _declared.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return importlib.import_module("torchvision")


def import_piq() -> ModuleType:
    """piq, after torchvision has been made importable."""
    import_torchvision()
    return importlib.import_module("piq")
