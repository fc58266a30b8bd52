"""How pages are coloured, as options of every command that colours them."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_args

import typer

from mangacolor.checks import bounds_of
from mangacolor.cli.options import DeviceOption
from mangacolor.config import BatchConfig, Format, Layers, Tones

__all__ = ["with_coloring"]

_BOUNDED = ("size", "memory", "quality", "strength", "saturation", "dpi")
_LEAST, _MOST = ({name: bounds_of(BatchConfig, name)[i] for name in _BOUNDED} for i in (0, 1))

SizeOption = Annotated[
    int | None,
    typer.Option(
        "--size",
        min=_LEAST["size"],
        max=_MOST["size"],
        metavar="N",
        help="Longer side at which a painter works (--no-flats); pages keep their own size.",
    ),
]
MemoryOption = Annotated[
    float | None,
    typer.Option(
        "--memory",
        min=_LEAST["memory"],
        metavar="GIB",
        help="Most memory to take on a CUDA device.",
    ),
]
QualityOption = Annotated[
    int,
    typer.Option(
        "--quality", min=_LEAST["quality"], max=_MOST["quality"], help="Of JPEG and WebP pages."
    ),
]
StrengthOption = Annotated[
    float,
    typer.Option(
        "--strength",
        min=_LEAST["strength"],
        max=_MOST["strength"],
        help="How much colour is laid on: 0 is none, 1 as predicted.",
    ),
]
SaturationOption = Annotated[
    float,
    typer.Option(
        "--saturation",
        min=_LEAST["saturation"],
        max=_MOST["saturation"],
        help="How vivid colours are, 1 as predicted.",
    ),
]
TonesOption = Annotated[
    Tones,
    typer.Option("--tones", help="smooth turns dots of screentone into flat shade under the ink."),
]
FlatsOption = Annotated[
    bool,
    typer.Option(
        "--flats/--no-flats",
        help="One colour for each area that ink closes, or colours that run into each other.",
    ),
]
RecolorOption = Annotated[
    bool,
    typer.Option("--recolor", help="Colour pages that are in colour already, too."),
]
FormatOption = Annotated[
    Format,
    typer.Option("--format", help="Write all pages so; keep leaves each its own."),
]
LayersOption = Annotated[
    Layers,
    typer.Option(
        "--layers",
        help="Beside each page a file with layers: ora for Krita and GIMP, psd for Photoshop.",
    ),
]
DpiOption = Annotated[
    int,
    typer.Option(
        "--dpi",
        min=_LEAST["dpi"],
        max=_MOST["dpi"],
        help="At which pages of a PDF are drawn that are no picture.",
    ),
]

# The options, as the help lists them, by the fields of `BatchConfig`.
_OPTIONS: dict[str, Any] = {
    "size": SizeOption,
    "device": DeviceOption,
    "memory": MemoryOption,
    "quality": QualityOption,
    "strength": StrengthOption,
    "saturation": SaturationOption,
    "tones": TonesOption,
    "flats": FlatsOption,
    "recolor": RecolorOption,
    "format": FormatOption,
    "layers": LayersOption,
    "dpi": DpiOption,
}
# Under which heading the help lists what; the rest stands under Options.
_PANELS = {
    "Colours": ("ref", "model", "hints", "cast", "set_", "acts", "follow_acts", "learn"),
    "How pages look": (
        "size",
        "strength",
        "saturation",
        "tones",
        "flats",
        "recolor",
        "format",
        "quality",
        "layers",
        "dpi",
    ),
    "Going on": ("out", "overwrite", "limit", "dry_run", "watch"),
    "Machine and programs": ("device", "memory", "ray", "report", "json"),
}
_PANEL_OF = {name: panel for panel, names in _PANELS.items() for name in names}


def with_coloring(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each field of its parameter `config`, a `BatchConfig`."""
    given = inspect.signature(command, eval_str=True)
    kind, defaults = inspect.Parameter.KEYWORD_ONLY, BatchConfig()
    parameters: list[inspect.Parameter] = []
    for parameter in given.parameters.values():
        if parameter.name != "config":
            parameters.append(_headed(parameter.replace(kind=kind)))
            continue
        parameters += [
            _headed(inspect.Parameter(name, kind, default=getattr(defaults, name), annotation=x))
            for name, x in _OPTIONS.items()
        ]
    # The help has headings in the order of their first options.
    parameters.sort(key=lambda x: list(_PANELS).index(_PANEL_OF.get(x.name, "Colours")))

    def whole(**values: Any) -> None:
        config = BatchConfig(**{name: values.pop(name) for name in _OPTIONS})
        command(config=config, **values)

    whole.__name__, whole.__doc__ = command.__name__, command.__doc__
    whole.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    whole.__signature__ = given.replace(parameters=parameters)  # type: ignore[attr-defined]
    return whole


def _headed(parameter: inspect.Parameter) -> inspect.Parameter:
    """The parameter under its heading."""
    if parameter.name not in _PANEL_OF:
        return parameter
    given, option = get_args(parameter.annotation)
    # Other commands have the same option under no heading.
    option = copy.copy(option)
    option.rich_help_panel = _PANEL_OF[parameter.name]
    return parameter.replace(annotation=Annotated[given, option])
