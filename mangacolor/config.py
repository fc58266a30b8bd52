"""Every default of the project, and the bounds of what a recipe may say."""

from __future__ import annotations

import dataclasses
from dataclasses import field
from typing import Annotated, Literal

from annotated_types import Ge, Interval, MultipleOf

from mangacolor.styles import Family, Style, family_of

__all__ = [
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
    "Look",
    "NetConfig",
    "Precision",
    "Recipe",
    "Runtime",
    "Style",
    "SurfaceSize",
    "TrainConfig",
]

SurfaceSize = Literal["small", "large", "afar"]
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

# Kinds of numbers, as pydantic checks them where a recipe is read.
Count = Annotated[int, Ge(1)]
Number = Annotated[int, Ge(0)]
Share = Annotated[float, Interval(ge=0, le=1)]
Weight = Annotated[float, Ge(0)]
Rate = Annotated[float, Ge(1e-12)]
Channels = Annotated[int, Interval(ge=1, le=16384)]
Width = Annotated[int, Interval(ge=1, le=1024)]
# How: nothing unknown, no number from words, none that is not finite.
_CHECKED = {"extra": "forbid", "strict": True, "allow_inf_nan": False}


@dataclasses.dataclass(frozen=True)
class NetConfig:
    """The generator: style encoder and colorizer."""

    __pydantic_config__ = _CHECKED

    style: Style = "attention"
    # 64 is the paper's width.
    width: Width = 24
    # Cap on the channels of the deepest stages; 16 * width is the paper's (no cap).
    max_channels: Channels = 160
    # 1 is the paper's; 2 works at half resolution between a pixel-unshuffle and a pixel-shuffle.
    stem: Annotated[int, Interval(ge=1, le=2)] = 2
    code_size: Channels = 256
    # Of the paper's models, what of a map of the style extractor a code is made of: the mean, as
    # published, or mean and deviation.
    pooling: Literal["mean", "moments"] = "moments"
    # The next are for style "attention" and such painters. Size of queries and keys.
    key_size: Channels = 64
    # What is looked up in the references: their own colours, or features of them.
    looks_up: Literal["colors", "features"] = "colors"
    # What a place of a reference is found by: its colours, or its lines as well, described by the
    # same layers that describe the page's.
    found_by: Literal["colors", "lines"] = "lines"
    # Whether the network's own colour takes over where no place of the references fits.
    gate: bool = True
    # The rest is for style "areas": what says which area of the references an area is.
    matcher_width: Annotated[int, Interval(ge=32, le=4096), MultipleOf(32)] = 128
    matcher_layers: Annotated[int, Interval(ge=1, le=64)] = 3
    # Whether its painter looks colours up place by place, too, as that of "attention" does.
    painter_attends: bool = True
    # Whether its matcher guesses colours as well, for what no reference shows.
    guesses: bool = True
    # Whether a network of its own finds areas, through tone and gaps, and says what they are.
    surfaces: bool = False
    # How many channels it has at the coarser sizes, where it sees what a thing is part of, and
    # whether a second part looks from afar.
    surface_size: SurfaceSize = "large"

    @property
    def attends(self) -> bool:
        """Whether colours are looked up place by place."""
        return self.style == "attention" or (self.painter_attends and self.has("matcher"))

    @property
    def sees_surfaces(self) -> bool:
        """Whether areas are found by a network."""
        return self.surfaces and self.has("surfaces")

    @property
    def family(self) -> Family:
        """What networks of this style have."""
        return family_of(self.style)

    def has(self, stage: str) -> bool:
        """Whether there is what a stage of training teaches."""
        return stage in self.family.stages


@dataclasses.dataclass(frozen=True)
class DataConfig:
    """How training pictures are made of colour pictures."""

    __pydantic_config__ = _CHECKED

    # Side of the square training picture and of its reference, in pixels.
    size: int = 128
    reference_size: int = 128
    # Shares of samples whose reference is another picture of the series (else: the same picture,
    # warped), and that are cut from a composed page (else: from a single picture).
    series_share: Share = 0.45
    page_share: Share = 0.5
    # Share of samples whose colours are rotated, target and reference together, so that the
    # reference and not memory decides the colour.
    recolor_share: Share = 0.5
    # Shares of samples whose greys become screentone, and whose line art looks scanned and stored
    # as JPEG. Tones are for ink that is drawn from colours; real line art is scanned, too.
    tone_share: Share = 0.35
    scan_share: Share = 0.5
    # Share of samples with a sound effect over the picture, on both halves.
    effects_share: Share = 0.15
    # Share of batches with several references instead of one: two or three.
    two_references_share: Share = 0.2
    # Share of the references that are turned, scaled, sheared and bent.
    warp_share: Share = 0.7
    # Share of samples that are drawings of an invented cast whose parts are known: attention is
    # taught that hair belongs to that hair, in whatever pose.
    comic_share: Share = 0.0
    # Shorter side to which decoded pictures are cut down in the cache.
    cache_side: Annotated[int, Interval(ge=64, le=65536)] = 400
    # Invented series whose areas the matcher learns from, beside the real ones.
    area_series: Annotated[int, Interval(ge=0, le=10**7)] = 1_000
    # Invented pages from which is learned what is one thing.
    surface_pages: Annotated[int, Interval(ge=1, le=10**7)] = 600
    # Share of crops for that which are of the training pictures, drawn as manga.
    surface_pictures: Annotated[float, Interval(ge=0, le=1)] = 0.0
    # Folder of models that are bodies on a share of these pages, as `sample --figures` takes it.
    figures: str = ""
    # Pictures of a real series whose areas are looked at, and pens that each is drawn with where
    # it has no line art of its own.
    area_pictures: Annotated[int, Interval(ge=2, le=10**7)] = 12
    area_pens: Annotated[int, Interval(ge=1, le=1000)] = 1


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """The optimisation."""

    __pydantic_config__ = _CHECKED

    # What of style "areas" is taught: the painter by hints, the matcher alone on areas that are
    # described once, features and matcher together, or what finds areas.
    stage: Literal["painter", "matcher", "features", "surfaces"] = "painter"
    # Factor on the learning rate of the features, which know a lot already.
    features_rate: Annotated[float, Interval(ge=0, le=1000)] = 0.4
    steps: Count = 200_000
    batch_size: Count = 16
    learning_rate: Rate = 4e-4
    warmup_steps: Number = 200
    # The learning rate falls to zero over this many steps at the end.
    decay_steps: Number = 2_000
    weight_decay: Weight = 0.0
    gradient_clip: Rate = 1.0
    ema_decay: Annotated[float, Interval(ge=0, le=0.999999)] = 0.999
    # Weights of the losses; 0 switches one off.
    pixel_weight: Weight = 1.0
    chroma_weight: Weight = 2.0
    copy_weight: Weight = 2.0
    match_weight: Weight = 0.1
    perceptual_weight: Weight = 0.0
    # VGG16's weights for the perceptual loss; empty: torchvision's own cache.
    perceptual_weights: str = ""
    # The game with the discriminator; without the first weight there is none.
    adversarial_weight: Weight = 0.0
    feature_weight: Weight = 1.0
    # Of the gradient penalty on real pictures, done every so many steps.
    r1_weight: Weight = 10.0
    r1_steps: Count = 16
    discriminator_width: Width = 32
    discriminator_learning_rate: Rate = 4e-4
    # Weights of the outputs at 1/8, 1/4, 1/2 and full resolution.
    level_weights: tuple[Weight, Weight, Weight, Weight] = (1.0, 2.0, 3.0, 10.0)
    # Arithmetic of the networks; the losses are always computed in fp32.
    precision: Literal["fp32", "bf16"] = "fp32"
    # Compiling takes a minute or more before the first step.
    compile: bool = False
    checkpoint_minutes: Weight = 4.0
    keep_checkpoints: Count = 2
    sample_steps: Count = 500
    seed: Annotated[int, Interval(ge=0, le=2**63 - 1)] = 0


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Everything that decides what a training run does."""

    __pydantic_config__ = _CHECKED

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
    # By how much the error must fall for anything to be taken in the place of the start.
    least_gain: float = 0.0
    # Longer side at which held-back panels are coloured, and of their references; a reference is
    # a whole page where there is one, as in `batch`.
    panel_size: int = 256
    reference_size: int = 384


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
    # Most references that a picture gets.
    references: int = 1


@dataclasses.dataclass(frozen=True)
class Look:
    """What decides, beside page, references and model, on a coloured page; a run's digest is made
    of all of it.

    Attributes:
        size: longer side at which a painter works; None takes the model's own.
        strength, saturation, tones, flats, recolor, quality, format: as `BatchConfig` has them.
    """

    size: int | None = None
    strength: float = 1.0
    saturation: float = 1.0
    tones: Tones = "keep"
    flats: bool = True
    recolor: bool = False
    quality: int = 92
    format: Format = "keep"


def _said(help_: str, shows: str | None = None) -> dict[str, str | None]:
    """What the help says of a setting that is an option, too, and what it calls its value."""
    return {"help": help_, "shows": shows}


@dataclasses.dataclass(frozen=True)
class BatchConfig:
    """How a chapter is coloured; every field is an option of the commands that colour.

    What is None is left to the model, or to the machine.
    """

    __pydantic_config__ = _CHECKED

    size: Annotated[int, Interval(ge=64, le=4096)] | None = field(
        default=None,
        metadata=_said(
            "Longer side at which a painter works (--no-flats); pages keep their own size.", "N"
        ),
    )
    device: Runtime = field(
        default="auto", metadata=_said("auto takes a GPU if it works, and says what it took.")
    )
    memory: Annotated[float, Interval(ge=0.1, le=10_000)] | None = field(
        default=None, metadata=_said("Most memory to take on a CUDA device.", "GIB")
    )
    quality: Annotated[int, Interval(ge=1, le=100)] = field(
        default=92, metadata=_said("Of JPEG and WebP pages.")
    )
    strength: Annotated[float, Interval(ge=0, le=2)] = field(
        default=1.0, metadata=_said("How much colour is laid on: 0 is none, 1 as predicted.")
    )
    saturation: Annotated[float, Interval(ge=0, le=4)] = field(
        default=1.0, metadata=_said("How vivid colours are, 1 as predicted.")
    )
    tones: Tones = field(
        default="keep",
        metadata=_said("smooth turns dots of screentone into flat shade under the ink."),
    )
    flats: bool = field(
        default=True,
        metadata=_said(
            "One colour for each area that ink closes, or colours that run into each other."
        ),
    )
    recolor: bool = field(
        default=False, metadata=_said("Colour pages that are in colour already, too.")
    )
    format: Format = field(
        default="keep", metadata=_said("Write all pages so; keep leaves each its own.")
    )
    layers: Layers = field(
        default="none",
        metadata=_said(
            "Beside each page a file with layers: ora for Krita and GIMP, psd for Photoshop."
        ),
    )
    dpi: Annotated[int, Interval(ge=36, le=1200)] = field(
        default=300, metadata=_said("At which pages of a PDF are drawn that are no picture.")
    )

    @property
    def look(self) -> Look:
        """Those of the settings that decide on pixels."""
        names = [field.name for field in dataclasses.fields(Look)]
        return Look(**{name: getattr(self, name) for name in names})
