"""What the commands that train have in common: options, what they need, what they say."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Annotated

import typer

from mangacolor.cli.console import say
from mangacolor.config import Recipe
from mangacolor.errors import SetupError
from mangacolor.recipes import check_recipe, with_set

if TYPE_CHECKING:
    from mangacolor.train.transfer import Transfer

__all__ = ["SetOption", "changed", "require_torch", "say_notices", "say_transfer", "wishes_of"]

SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Any key of a recipe, as train.learning_rate=1e-3; repeatable.",
    ),
]
TORCH_PARTS = ("torch", "torchvision", "piq", "onnx", "onnxscript", "safetensors", "skia")


def require_torch() -> None:
    """Fails with what to install where a part of the extra `train` is missing.

    Raises:
        SetupError: naming the missing packages.
    """
    missing = [name for name in TORCH_PARTS if importlib.util.find_spec(name) is None]
    if missing:
        raise SetupError(
            f"This command needs {', '.join(missing)}.",
            'Run `pip install ".[train]"` in the folder of mangacolor.',
        )


def wishes_of(
    given: list[str] | None, steps: int | None, batch_size: int | None, size: int | None
) -> list[str]:
    """What the command line says of a recipe; the options of their own come after --set."""
    own = {"train.steps": steps, "train.batch_size": batch_size, "data.size": size}
    return [*(given or ()), *(f"{key}={value}" for key, value in own.items() if value is not None)]


def changed(recipe: Recipe, wishes: list[str]) -> Recipe:
    """The recipe with what the command line says, checked.

    Raises:
        UsageError: it cannot be run.
    """
    return check_recipe(with_set(recipe, wishes))


def say_notices(notices: list[str]) -> None:
    """Tells what there is to know that keeps nothing from going on."""
    for notice in notices:
        if notice:
            say(f"note: {notice}", error=True, style="yellow")


def say_transfer(transfer: Transfer) -> None:
    """Says what a network took over from another, and names what it did not."""
    parts = (transfer.taken, transfer.widened, transfer.new, transfer.dropped)
    taken, widened, new, dropped = (sum(part.values()) for part in parts)
    wider = f"{widened:,} in layers that read more, " if widened else ""
    say(f"Weights: {taken:,} taken over, {wider}{new:,} new, {dropped:,} dropped")
    for name, count in transfer.widened.items():
        say(f"  reads more: {name} ({count:,})")
    for name, count in transfer.new.items():
        say(f"  new: {name} ({count:,})")
