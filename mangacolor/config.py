"""Every default of the project, and how a recipe is read and written."""

from __future__ import annotations

import dataclasses
import json
import math
import tomllib
import types
import typing
from pathlib import Path
from typing import Any, Literal, TypeVar

from mangacolor.errors import UsageError

__all__ = [
    "FINETUNE",
    "FINETUNE_AREAS",
    "Accelerator",
    "BatchConfig",
    "DataConfig",
    "Device",
    "EvalConfig",
    "ExportConfig",
    "FinetuneConfig",
    "Format",
    "Layers",
    "Layout",
    "NetConfig",
    "Precision",
    "Recipe",
    "Runtime",
    "Style",
    "TrainConfig",
    "check_recipe",
    "from_dict",
    "read_recipe",
    "to_json",
]

Style = Literal["code", "levels", "attention", "areas"]
# Where torch trains.
Device = Literal["auto", "cpu", "cuda"]
# Where ONNX Runtime colours.
Accelerator = Literal["cuda", "tensorrt", "directml", "coreml", "webgpu"]
Tones = Literal["keep", "smooth"]
Format = Literal["keep", "png", "webp", "jpg", "avif", "jxl"]
Layers = Literal["none", "ora", "psd"]
Runtime = Literal["auto", "cpu", "cuda", "tensorrt", "directml", "coreml", "webgpu"]
Precision = Literal["fp32", "fp16", "int8"]
Layout = Literal["auto", "color", "folders", "suffixes", "side-by-side"]


@dataclasses.dataclass(frozen=True)
class NetConfig:
    """The generator: style encoder and colorizer."""

    style: Style = "attention"
    # 64 is the paper's width.
    width: int = 24
    # Cap on the channels of the deepest stages; 16 * width is the paper's (no cap).
    max_channels: int = 160
    # 1 is the paper's; 2 works at half resolution between a pixel-unshuffle and a pixel-shuffle.
    stem: Literal[1, 2] = 2
    code_size: int = 256
    # The next are for style "attention" and such painters. Size of queries and keys.
    key_size: int = 64
    # What is looked up in the references: their own colours, or features of them.
    looks_up: Literal["colors", "features"] = "colors"
    # What a place of a reference is found by: its colours, or its lines as well, described by the
    # same layers that describe the page's.
    found_by: Literal["colors", "lines"] = "lines"
    # Whether the network's own colour takes over where no place of the references fits.
    gate: bool = True
    # The rest is for style "areas": what says which area of the references an area is.
    matcher_width: int = 128
    matcher_layers: int = 3
    # Whether its painter looks colours up place by place, too, as that of "attention" does.
    painter_attends: bool = True

    @property
    def attends(self) -> bool:
        """Whether colours are looked up place by place."""
        return self.style == "attention" or (self.style == "areas" and self.painter_attends)


@dataclasses.dataclass(frozen=True)
class DataConfig:
    """How training pictures are made of colour pictures."""

    # Side of the square training picture and of its reference, in pixels.
    size: int = 128
    reference_size: int = 128
    # Shares of samples whose reference is another picture of the series (else: the same picture,
    # warped), and that are cut from a composed page (else: from a single picture).
    series_share: float = 0.45
    page_share: float = 0.5
    # Share of samples whose colours are rotated, target and reference together, so that the
    # reference and not memory decides the colour.
    recolor_share: float = 0.5
    # Shares of samples whose greys become screentone, and whose line art looks scanned and stored
    # as JPEG. Tones are for ink that is drawn from colours; real line art is scanned, too.
    tone_share: float = 0.35
    scan_share: float = 0.5
    # Share of samples with a sound effect over the picture, on both halves.
    effects_share: float = 0.15
    # Share of batches with several references instead of one: two or three.
    two_references_share: float = 0.2
    # Share of the references that are turned, scaled, sheared and bent.
    warp_share: float = 0.7
    # Share of samples that are drawings of an invented cast whose parts are known: attention is
    # taught that hair belongs to that hair, in whatever pose.
    comic_share: float = 0.0
    # Shorter side to which decoded pictures are cut down in the cache.
    cache_side: int = 400
    # Invented series whose areas the matcher learns from, beside the real ones.
    area_series: int = 1_000
    # Pictures of a real series whose areas are looked at, and pens that each is drawn with where
    # it has no line art of its own.
    area_pictures: int = 12
    area_pens: int = 1


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """The optimisation."""

    # What of style "areas" is taught: the painter by hints, the matcher alone on areas that are
    # described once, or features and matcher together.
    stage: Literal["painter", "matcher", "features"] = "painter"
    # Factor on the learning rate of the features, which know a lot already.
    features_rate: float = 0.4
    steps: int = 200_000
    batch_size: int = 16
    learning_rate: float = 4e-4
    warmup_steps: int = 200
    # The learning rate falls to zero over this many steps at the end.
    decay_steps: int = 2_000
    weight_decay: float = 0.0
    gradient_clip: float = 1.0
    ema_decay: float = 0.999
    # Weights of the losses; 0 switches one off.
    pixel_weight: float = 1.0
    chroma_weight: float = 2.0
    copy_weight: float = 2.0
    match_weight: float = 0.1
    perceptual_weight: float = 0.0
    # VGG16's weights for the perceptual loss; empty: torchvision's own cache.
    perceptual_weights: str = ""
    # The game with the discriminator; without the first weight there is none.
    adversarial_weight: float = 0.0
    feature_weight: float = 1.0
    # Of the gradient penalty on real pictures, done every so many steps.
    r1_weight: float = 10.0
    r1_steps: int = 16
    discriminator_width: int = 32
    discriminator_learning_rate: float = 4e-4
    # Weights of the outputs at 1/8, 1/4, 1/2 and full resolution.
    level_weights: tuple[float, ...] = (1.0, 2.0, 3.0, 10.0)
    # Arithmetic of the networks; the losses are always computed in fp32.
    precision: Literal["fp32", "bf16"] = "fp32"
    # Compiling takes a minute or more before the first step.
    compile: bool = False
    checkpoint_minutes: float = 4.0
    keep_checkpoints: int = 2
    sample_steps: int = 500
    seed: int = 0


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Everything that decides what a training run does."""

    net: NetConfig = NetConfig()
    data: DataConfig = DataConfig()
    train: TrainConfig = TrainConfig()


@dataclasses.dataclass(frozen=True)
class FinetuneConfig:
    """How a model is made for one series, besides the recipe."""

    # Share of the pages, or of the panels where there are few pages, that is not trained on.
    held_share: float = 0.15
    # Steps between two looks at the held-back panels, and looks without a better one that end it.
    check_steps: int = 50
    patience: int = 8
    # Longer side at which held-back panels are coloured, and of their references; a reference is
    # a whole page where there is one, as in `batch`.
    panel_size: int = 256
    reference_size: int = 384


# What fine-tuning does unless a recipe says otherwise; the network is that of the model. The same
# as recipes/finetune.toml, which says why.
FINETUNE = Recipe(
    data=DataConfig(
        reference_size=192,
        series_share=0.6,
        page_share=0.3,
        recolor_share=0.0,
        tone_share=0.1,
        scan_share=0.2,
        effects_share=0.05,
        two_references_share=0.3,
    ),
    train=TrainConfig(
        steps=2_000,
        batch_size=8,
        learning_rate=5e-4,
        warmup_steps=50,
        decay_steps=500,
        ema_decay=0.99,
        checkpoint_minutes=15.0,
        keep_checkpoints=1,
    ),
)
# The same for a model of areas, and recipes/finetune-areas.toml: it learns which area of the series
# is which, and its painter stays as it is.
FINETUNE_AREAS = Recipe(
    data=DataConfig(area_series=0, area_pictures=64, area_pens=3, recolor_share=0.0),
    train=TrainConfig(
        stage="features",
        steps=1_000,
        batch_size=4,
        learning_rate=3e-4,
        features_rate=0.5,
        warmup_steps=20,
        decay_steps=300,
        weight_decay=0.02,
        ema_decay=0.98,
        checkpoint_minutes=15.0,
        keep_checkpoints=1,
    ),
)


@dataclasses.dataclass(frozen=True)
class ExportConfig:
    """What an exported model says of itself."""

    page_size: int = 640
    reference_size: int = 512
    # Factor on the learned sharpness of the colour copy: above 1, more vivid and more daring.
    vividness: float = 1.0
    # Largest difference from torch, colours in [-1, 1].
    tolerance: float = 1e-3
    licence: str = ""
    credits: str = ""
    # Arithmetic of the graphs.
    precision: Precision = "fp32"


@dataclasses.dataclass(frozen=True)
class EvalConfig:
    """How a model is scored."""

    # Longer side of the pictures and of the references.
    size: int = 256
    # Of the choice of references.
    seed: int = 0
    # Pictures of one shape that are coloured at once; changes no figure.
    batch: int = 1
    # Most references that a picture gets.
    references: int = 1


@dataclasses.dataclass(frozen=True)
class BatchConfig:
    """How a chapter is coloured."""

    # Longer side at which a page is coloured; None takes the model's own.
    size: int | None = None
    device: Runtime = "auto"
    # Most memory on a CUDA device, in GiB; None is all of it.
    memory: float | None = None
    # Quality of lossy formats.
    quality: int = 92
    # How much of the colour is laid on: 0 is the page as it was.
    strength: float = 1.0
    # Factor of the chroma.
    saturation: float = 1.0
    # Screentone as it is, or as the flat shade that it stands for.
    tones: Tones = "keep"
    # Areas that ink closes take one colour each.
    flats: bool = True
    # Colour pages that are in colour already, too.
    recolor: bool = False
    # Each page in its own format, or all in one.
    format: Format = "keep"
    # At which pages of a PDF are drawn that are more than one picture.
    dpi: int = 300
    # A file with layers beside each page: OpenRaster or PSD.
    layers: Layers = "none"


# Losses whose weights cannot all be 0.
LOSSES = ("pixel", "chroma", "copy", "match", "perceptual", "adversarial")
# Least and most of the numbers of a recipe; what is not here has its type for a limit.
RANGES: dict[str, tuple[float, float]] = {
    "net.width": (1, 1024),
    "net.max_channels": (1, 16384),
    "net.code_size": (1, 16384),
    "net.key_size": (1, 16384),
    "net.matcher_width": (32, 4096),
    "net.matcher_layers": (1, 64),
    **{
        f"data.{share}_share": (0, 1)
        for share in (
            *(
                "series",
                "page",
                "recolor",
                "tone",
                "scan",
                "effects",
                "two_references",
                "warp",
                "comic",
            ),
        )
    },
    "data.cache_side": (64, 65536),
    "data.area_series": (0, 10**7),
    "data.area_pictures": (2, 10**7),
    "data.area_pens": (1, 1000),
    "train.features_rate": (0, 1000),
    "train.steps": (1, math.inf),
    "train.batch_size": (1, math.inf),
    "train.learning_rate": (1e-12, math.inf),
    "train.discriminator_learning_rate": (1e-12, math.inf),
    "train.discriminator_width": (1, 1024),
    "train.warmup_steps": (0, math.inf),
    "train.decay_steps": (0, math.inf),
    "train.ema_decay": (0, 0.999999),
    "train.gradient_clip": (1e-12, math.inf),
    "train.r1_steps": (1, math.inf),
    "train.sample_steps": (1, math.inf),
    "train.keep_checkpoints": (1, math.inf),
    "train.checkpoint_minutes": (0, math.inf),
    "train.seed": (0, 2**63),
    "train.weight_decay": (0, math.inf),
    **{f"train.{loss}_weight": (0, math.inf) for loss in (*LOSSES, "feature", "r1")},
}
# Largest side of a training picture, in pixels.
_LARGEST = 4096


def check_recipe(recipe: Recipe) -> Recipe:
    """Gives the recipe back if a run of it can be started.

    Raises:
        UsageError: a number out of its range, or a size that the network cannot halve so often.
    """
    for key, (least, most) in RANGES.items():
        table, name = key.split(".")
        value = getattr(getattr(recipe, table), name)
        if not least <= value <= most or not math.isfinite(value):
            upwards = f"from {least:g} to {most:g}" if math.isfinite(most) else f"{least:g} or more"
            raise UsageError(f"{key} is {value}; it must be {upwards}.")
    if recipe.train.stage != "painter" and recipe.net.style != "areas":
        raise UsageError(
            f'train.stage is "{recipe.train.stage}", and net.style "{recipe.net.style}".',
            'Only style "areas" has that stage.',
        )
    if recipe.net.matcher_width % 32:
        raise UsageError(
            f"net.matcher_width is {recipe.net.matcher_width}.", "Take a multiple of 32."
        )
    multiple = 16 * recipe.net.stem
    for name, least, of in (("size", 2 * multiple, multiple), ("reference_size", 64, 32)):
        value = getattr(recipe.data, name)
        if value < least or value % of or value > _LARGEST:
            raise UsageError(f"data.{name} is {value}.", f"Take {least} or more, in steps of {of}.")
    if not any(getattr(recipe.train, f"{loss}_weight") for loss in LOSSES):
        raise UsageError("The weights of the losses must not be all 0.")
    levels = recipe.train.level_weights
    good = len(levels) == 4 and all(0 <= level < math.inf for level in levels)
    if not good or not any(levels):
        raise UsageError(
            f"train.level_weights is {list(levels)}.", "Take four numbers from 0, not all 0."
        )
    return recipe


T = TypeVar("T")


def from_dict(kind: type[T], values: dict[str, Any], where: str = "") -> T:
    """Builds a config from plain values.

    Raises:
        UsageError: an unknown key, or a value of the wrong type; the message names it.
    """
    hints = typing.get_type_hints(kind)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise UsageError(
            f"Unknown key {where}{unknown[0]}.", f"Known keys: {', '.join(sorted(hints))}."
        )
    checked = {name: _value(hints[name], value, where + name) for name, value in values.items()}
    return kind(**checked)


def _value(hint: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise UsageError(f"{where} must be a table, not {value!r}.")
        return from_dict(typing.cast(type, hint), value, where + ".")
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        if value not in arguments:
            raise UsageError(f"{where} is {value!r}.", f"Choose one of {list(arguments)}.")
        return value
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise UsageError(f"{where} must be a list, not {value!r}.")
        return tuple(_value(arguments[0], item, where) for item in value)
    if origin is types.UnionType:
        return None if value is None else _value(arguments[0], value, where)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        # More digits than a float has room for are out of any range.
        return float(value) if abs(value) < 2**1000 else math.copysign(math.inf, value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise UsageError(f"{where} must be {hint.__name__}, not {value!r}.")
    return value


def read_recipe(path: Path) -> Recipe:
    """Reads a TOML recipe; keys it leaves out keep their defaults.

    Raises:
        UsageError: no such file, not TOML, an unknown key or a wrong value.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"The recipe {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not TOML: {error}.") from error
    # Numbers of thousands of digits, dates that no calendar has.
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{path} has a value that cannot be read: {error}.") from error
    return from_dict(Recipe, values)


def to_json(config: Any) -> str:
    """The config as JSON text, for the record beside a run."""
    return json.dumps(dataclasses.asdict(config), indent=2) + "\n"
