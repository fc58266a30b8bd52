"""Who may import whom: nothing upward, and packages of one floor never each other."""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mangacolor"
FLOORS = {
    "cli": 3,
    **dict.fromkeys(("train", "evaluate", "export", "batch", "doctor", "review"), 2),
    **dict.fromkeys(("runtime", "chapter"), 1),
    **dict.fromkeys(
        ("nets", "data", "comic", "manga", "lettering", "metrics", "images", "paper"), 0
    ),
}
GROUND = -1
# Arrows between packages of one floor that are allowed.
ALLOWED = {
    *(("data", below) for below in ("comic", "manga", "lettering", "images")),
    *(("comic", below) for below in ("manga", "lettering", "images")),
    *(("manga", below) for below in ("lettering", "images")),
    ("nets", "images"),
    # Review colours a chapter as batch does, and lets a person say what areas are.
    ("review", "batch"),
    # The paper's networks are built of the same blocks, and `nets/build.py` tells kinds apart.
    ("nets", "paper"),
    *(("paper", below) for below in ("nets", "metrics")),
}
# `python -m mangacolor` is the door to the command line, `import mangacolor` that of programs.
DOORS = {"__main__", "__init__"}


def imports_of(source: str, package: str) -> Iterator[str]:
    """Full names of what a module imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1]
            start = ".".join(base) if node.level else ""
            module = ".".join(part for part in (start, node.module) if part)
            yield from (f"{module}.{alias.name}" for alias in node.names)


def part_of(module: str) -> str:
    """The package or ground module below `mangacolor` that a full name belongs to."""
    return module.split(".")[1] if "." in module else ""


def wrong_arrow(importer: str, imported: str) -> bool:
    if not (PACKAGE / imported).is_dir() and not (PACKAGE / f"{imported}.py").is_file():
        # A name of the door itself.
        return True
    if importer == imported or importer in DOORS:
        return False
    above, below = FLOORS.get(importer, GROUND), FLOORS.get(imported, GROUND)
    if above == below and above != GROUND:
        return (importer, imported) not in ALLOWED
    return below > above


def wrong_arrows(importer: str, source: str, package: str = "mangacolor") -> list[str]:
    found = [name for name in imports_of(source, package) if name.startswith("mangacolor.")]
    return [name for name in found if wrong_arrow(importer, part_of(name))]


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_no_module_imports_upward_or_beside(path: Path) -> None:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    package = ".".join(("mangacolor", *parts[:-1]))
    assert wrong_arrows(parts[0], path.read_text(encoding="utf-8"), package) == []


def imported_first(path: Path) -> Iterator[str]:
    """Full names of what a module imports before it can be used, and not only for types."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    package = ".".join(path.relative_to(PACKAGE.parent).parts[:-1])
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from imports_of(ast.unparse(node), package)


def test_no_module_waits_for_itself() -> None:
    paths = {path: path.relative_to(PACKAGE.parent) for path in PACKAGE.rglob("*.py")}
    modules = {".".join(name.with_suffix("").parts): path for path, name in paths.items()}
    waits = {
        module: {
            known
            for name in imported_first(path)
            for known in (name, name.rpartition(".")[0])
            if known in modules
        }
        for module, path in modules.items()
    }
    assert "mangacolor.batch.model" in waits["mangacolor.batch.run"]
    graphlib.TopologicalSorter(waits).prepare()


def test_what_is_the_papers_alone_is_known_where_a_run_is_made_and_nowhere_else() -> None:
    doors = {f"mangacolor/train/{name}.py" for name in ("loop", "record", "state", "step")}
    doors.add("mangacolor/nets/build.py")
    knowing = {
        path.relative_to(PACKAGE.parent).as_posix()
        for path in PACKAGE.rglob("*.py")
        if path.parent.name != "paper" and "mangacolor.paper" in path.read_text(encoding="utf-8")
    }
    assert knowing == doors


def test_a_chapters_files_know_pictures_and_no_model() -> None:
    known = {
        part_of(name)
        for path in (PACKAGE / "chapter").rglob("*.py")
        for name in imports_of(path.read_text(encoding="utf-8"), "mangacolor.chapter")
        if name.startswith("mangacolor.")
    }
    assert known <= {"chapter", "images", "errors", "files", "names", "config"}


def asks_for_areas(source: str) -> bool:
    """Whether anything is compared with the name of the style of areas."""
    return any(
        isinstance(part, ast.Constant) and part.value == "areas"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        for part in ast.walk(side)
    )


def test_whether_a_model_is_of_areas_is_asked_where_it_is_described_and_opened_alone() -> None:
    asking = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if asks_for_areas(path.read_text(encoding="utf-8"))
    }
    assert asking == {"styles.py", "runtime/kinds.py"}


def test_every_package_has_a_floor() -> None:
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    # Recipes are ground: they are read by what every floor may import.
    assert packages <= set(FLOORS) | {"models", "recipes"}


@pytest.mark.parametrize(
    ("importer", "source", "wrong"),
    [
        ("nets", "from mangacolor.train.loop import x", True),
        ("batch", "def f():\n    import mangacolor.export.onnx", True),
        ("data", "from mangacolor.images.page import read_color", False),
        ("images", "from mangacolor.data import layouts", True),
        ("nets", "from mangacolor import metrics", True),
        ("errors", "from mangacolor.nets import build", True),
        ("bundle", "from mangacolor.files import sha256_of", False),
        ("cli", "from mangacolor import __version__", True),
        ("chapter", "from mangacolor.runtime.engine import Engine", True),
        ("runtime", "from mangacolor.chapter.plan import Plan", True),
        ("cli", "from mangacolor.batch.run import color_chapter", False),
        ("batch", "from ..cli import console", True),
    ],
)
def test_the_check_itself(importer: str, source: str, wrong: bool) -> None:
    assert bool(wrong_arrows(importer, source, f"mangacolor.{importer}")) is wrong


def test_no_two_classes_have_one_name() -> None:
    homes: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                where = path.relative_to(PACKAGE).as_posix()
                homes.setdefault(node.name.lstrip("_"), []).append(where)
    assert {name: places for name, places in homes.items() if len(places) > 1} == {}


# Lines of a function without its docstring, and of a command without its options.
MOST_LINES = 60


def own_lines(function: ast.FunctionDef | ast.AsyncFunctionDef, *, options: bool) -> int:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body:
        return 0
    heading = 0 if options else function.body[0].lineno - function.lineno
    return heading + (function.end_lineno or 0) - body[0].lineno + 1


def test_no_function_is_long() -> None:
    long = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = own_lines(node, options=path.parent.name == "cli")
                if lines > MOST_LINES:
                    long[f"{path.relative_to(PACKAGE).as_posix()}: {node.name}"] = lines
    assert long == {}


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_what_a_page_about_the_house_names_is_there(page: str) -> None:
    text = (PACKAGE.parent / page).read_text(encoding="utf-8")
    files = {f"/{path.relative_to(PACKAGE.parent).as_posix()}" for path in PACKAGE.rglob("*.py")}
    files.add("/tests/test_floors.py")
    files |= {f"/benchmarks/{path.name}" for path in PACKAGE.parent.glob("benchmarks/*.py")}
    named = set(re.findall(r"`([\w/]+\.py)`", text))
    assert named
    assert {name for name in named if not any(f.endswith(f"/{name}") for f in files)} == set()


def test_nothing_that_is_added_touches_more_than_four_files() -> None:
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (ways,) = re.findall(r"^## To add\n(.*?)^## ", text, re.M | re.S)
    added = dict(re.findall(r"^- \*\*(.*?)\*\*(.*?)(?=^- |\Z)", ways, re.M | re.S))
    assert {"A command", "A style of network", "A format of pages to read", "A figure"} <= set(
        added
    )
    for what, words in added.items():
        files = set(re.findall(r"`([\w/]+(?:/|\.py|\.md))`", words))
        assert 1 < len(files - {"tests/broken"}) <= 4, what
