"""Which way of finding and describing areas a cache was made by."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util

from mangacolor.version import __version__

__all__ = ["version_of"]

_PACKAGE = "mangacolor"


@functools.cache
def version_of(*modules: str) -> str:
    """A digest of the code of modules and of all that they import of this package.

    What nobody has to remember nobody forgets: a constant that says "version 3" stays behind when
    the code changes. Comments and layout do not count.

    Args:
        modules: names, as `mangacolor.images.areas`.

    Returns:
        8 hex digits.
    """
    digest = hashlib.sha256()
    known: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in known:
            continue
        known.add(name)
        waiting += _imports(name)
    for name in sorted(known):
        tree = _tree(name)
        # Without the source, the release is what is known of it.
        digest.update(f"{name} {ast.dump(tree) if tree else __version__}\0".encode())
    return digest.hexdigest()[:8]


def _imports(name: str) -> list[str]:
    """Modules of this package that a module imports, itself or the names in it."""
    tree = _tree(name)
    found = []
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == _PACKAGE:
            found.append(node.module or "")
            # `from mangacolor.comic import places` names a module, others a function of one.
            found += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            found += [module for module in names if module.split(".")[0] == _PACKAGE]
    return [module for module in found if _source(module) is not None]


@functools.cache
def _tree(name: str) -> ast.Module | None:
    source = _source(name)
    return ast.parse(source) if source else None


@functools.cache
def _source(name: str) -> str | None:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    loader = spec.loader if spec else None
    read = getattr(loader, "get_source", None)
    return read(name) if read else None
