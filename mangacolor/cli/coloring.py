"""How pages are coloured, as options of every command that colours them."""

from __future__ import annotations

import copy
import dataclasses
import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_args, get_type_hints

from mangacolor.cli.options import option_of
from mangacolor.config import BatchConfig

__all__ = ["with_coloring"]

# Under which heading the help lists what; the rest stands under Options.
_PANELS = {
    "Colours": ("ref", "model", "strokes", "cast", "set_", "acts", "follow_acts", "learn"),
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
    parameters: list[inspect.Parameter] = []
    for parameter in given.parameters.values():
        if parameter.name != "config":
            parameters.append(_headed(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)))
            continue
        parameters += [_headed(_parameter(field)) for field in dataclasses.fields(BatchConfig)]
    # The help has headings in the order of their first options.
    parameters.sort(key=lambda x: list(_PANELS).index(_PANEL_OF.get(x.name, "Colours")))

    def whole(**values: Any) -> None:
        config = BatchConfig(
            **{x.name: values.pop(x.name) for x in dataclasses.fields(BatchConfig)}
        )
        command(config=config, **values)

    whole.__name__, whole.__doc__ = command.__name__, command.__doc__
    whole.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    whole.__signature__ = given.replace(parameters=parameters)  # type: ignore[attr-defined]
    return whole


def _parameter(field: dataclasses.Field[Any]) -> inspect.Parameter:
    """A setting as a parameter that Typer makes an option of."""
    given = get_type_hints(BatchConfig)[field.name]
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=field.default,
        annotation=Annotated[given, option_of(field.name)],
    )


def _headed(parameter: inspect.Parameter) -> inspect.Parameter:
    """The parameter under its heading."""
    if parameter.name not in _PANEL_OF:
        return parameter
    given, option = get_args(parameter.annotation)
    # Other commands have the same option under no heading.
    option = copy.copy(option)
    option.rich_help_panel = _PANEL_OF[parameter.name]
    return parameter.replace(annotation=Annotated[given, option])
