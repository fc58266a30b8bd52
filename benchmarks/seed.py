"""The paper's two models as we train them, beside the existing implementation's procedure.

    python benchmarks/seed.py TRAIN --test TEST --record docs/results/seed.txt

All learn from the same pairs, in batches of the same size, for the same number of steps and at the
same learning rate, and take turns, so that the table holds for as many steps as were done:

- existing procedure: the existing implementation's networks, losses and picture preparation, as
  benchmarks/reference_procedure.py writes them anew: the reference is the truth itself, one Adam
  for all players;
- ours, code and ours, levels: recipes `paper` and `paper-levels` with `mangacolor train`'s own loop
  and the adversary; of both the averaged weights are scored, as they are exported.

They are scored on pictures that none has seen, whose ink is drawn by other pens, at the same size:
*own* with the picture itself as reference, *other* with another picture. PSNR and SSIM compare with
the sketch's own truth in either case, FID the whole set of results with the whole set of truths. It
looks through Inception where its weights are named, else through EfficientNet-Lite2, whose figures
can be compared with one another only. The perceptual loss is left out of all where VGG16's weights
are not at hand. Colour R² is that of chroma: 0 is each picture's own mean chroma everywhere.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import contextlib
import dataclasses
import platform
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from reference_procedure import Pairs, Procedure
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader

from mangacolor.config import Recipe
from mangacolor.data.dataset import read_example
from mangacolor.data.layouts import Example, find_examples
from mangacolor.data.lineart import PENS, draw_ink
from mangacolor.metrics.learned import fid
from mangacolor.metrics.tally import Tally
from mangacolor.metrics.weights import load_inception
from mangacolor.nets.build import Generator
from mangacolor.nets.features import Features, imagenet_weights
from mangacolor.paper.perceptual import load_perceptual
from mangacolor.recipes import read_recipe
from mangacolor.train.loop import choose_device, train
from mangacolor.train.record import Progress
from mangacolor.train.state import new_state
from mangacolor.version import __version__

# (N, 1, s, s) sketch and (N, 3, s, s) reference -> (N, 3, s, s), all in [-1, 1].
Painter = Callable[[Tensor, Tensor], Tensor]
# (1, 3, s, s) in [0, 1] -> (1, d).
See = Callable[[Tensor], Tensor]
COLUMNS = ("PSNR", "SSIM", "FID", "colour R²", "colour ratio")


class Contender(NamedTuple):
    """What learns: `learn` trains up to a step, `paint` is what it has learned by then."""

    name: str
    learn: Callable[[int], None]
    paint: Painter


class _TurnOverError(Exception):
    """Ends a turn between two steps."""


def make_pairs(examples: Sequence[Example], folder: Path, side: int, seed: int) -> Path:
    """Writes the examples side by side, colour left; ink is drawn where there is none."""
    folder.mkdir(parents=True)
    dice = torch.Generator().manual_seed(seed)
    for number, example in enumerate(examples):
        color, lineart = read_example(example)
        small = Image.fromarray(color).resize((side, side), Image.Resampling.LANCZOS)
        if lineart is None:
            signed = torch.from_numpy(np.array(small)).permute(2, 0, 1)[None] / 127.5 - 1
            drawn = draw_ink(signed, torch.rand(1, PENS, generator=dice))
            ink = Image.fromarray(drawn[0, 0].add(1).mul(127.5).byte().numpy())
        else:
            ink = Image.fromarray(lineart).resize(small.size).convert("L")
        pair = Image.new("RGB", (2 * side, side))
        pair.paste(small, (0, 0))
        pair.paste(ink, (side, 0))
        pair.save(folder / f"{number:05d}.png")
    return folder


def existing(pairs: Path, options: argparse.Namespace, device: torch.device) -> Contender:
    """The existing implementation's procedure."""
    vgg, _ = load_perceptual(options.vgg_weights, device)
    procedure = Procedure(options.width, vgg or nothing, device)  # type: ignore[arg-type]
    for group in procedure.optimizer.param_groups:
        group["lr"] = options.rate
    data = Pairs(pairs, options.size)
    shuffled = torch.Generator().manual_seed(options.seed)
    loader = DataLoader(data, options.batch, shuffle=True, drop_last=True, generator=shuffled)

    def without_end() -> Iterator[list[Tensor]]:
        while True:
            yield from loader

    batches, done = without_end(), 0

    def learn(until: int) -> None:
        nonlocal done
        for color, sketch in batches:
            procedure.step(color.to(device), sketch.to(device))
            done += 1
            if done >= until:
                return

    def paint(sketch: Tensor, reference: Tensor) -> Tensor:
        code = procedure.extractor(reference)
        colored: Tensor = procedure.colorizer(sketch.expand(-1, 3, -1, -1), code)[-1]
        return colored

    return Contender("existing procedure", learn, paint)


def nothing(made: Tensor, true: Tensor) -> Tensor:
    """No perceptual loss."""
    return made.new_zeros(())


def ours(
    name: str, recipe: Recipe, pairs: Path, options: argparse.Namespace, device: torch.device
) -> Contender:
    """A recipe of the paper, as `mangacolor train` does it, at the size that is asked for."""
    width, vgg = options.width, options.vgg_weights
    recipe = Recipe(
        dataclasses.replace(recipe.net, width=width, max_channels=16 * width),
        dataclasses.replace(
            recipe.data, size=options.size, reference_size=max(64, options.size), cache_side=4096
        ),
        dataclasses.replace(
            recipe.train,
            steps=options.steps,
            batch_size=options.batch,
            learning_rate=options.rate,
            discriminator_learning_rate=options.rate,
            discriminator_width=width,
            seed=options.seed,
            sample_steps=10**9,
            checkpoint_minutes=20.0,
            perceptual_weights=str(vgg) if vgg else "",
        ),
    )
    state = new_state(recipe, device)
    examples = find_examples(pairs, "side-by-side")
    folder = options.runs / name.replace(", ", "-")

    def learn(until: int) -> None:
        def after_step(progress: Progress) -> None:
            if progress.step >= until:
                raise _TurnOverError

        with contextlib.suppress(_TurnOverError):
            train(state, examples, folder, device=device, tell=after_step)

    def paint(sketch: Tensor, reference: Tensor) -> Tensor:
        generator = state.ema.module
        assert isinstance(generator, Generator)
        return generator(sketch, reference[:, None]).pyramid[-1]

    return Contender(name, learn, paint)


@torch.no_grad()
def score(paint: Painter, pairs: Pairs, see: See, shift: int, device: torch.device) -> list[float]:
    """The figures of one contender and one choice of references: each picture's is so far on."""
    tally = Tally()
    made, true = [], []
    for i in range(len(pairs)):
        color, sketch = (x[None].to(device) for x in pairs[i])
        reference = pairs[(i + shift) % len(pairs)][0][None].to(device)
        result = paint(sketch[:, :1], reference).clamp(-1, 1)
        tally.add(result.cpu(), color.cpu())
        made.append(see((result + 1) / 2))
        true.append(see((color + 1) / 2))
    ratio = tally.colourfulness_ratio
    return [tally.psnr, tally.ssim, fid(made, true), tally.chroma_r2, ratio]


def seeing(weights: Path | None, device: torch.device) -> tuple[str, See]:
    """What FID looks through, and its name."""
    if weights is not None:
        inception = load_inception(weights).to(device)
        return "Inception", lambda x: inception(x)[0].flatten(1).cpu()
    features = Features()
    features.load_state_dict(imagenet_weights())
    features.to(device).eval()

    def see(picture: Tensor) -> Tensor:
        # It wants sides that are multiples of 32.
        h, w = (-(-side // 32) * 32 for side in picture.shape[2:])
        whole = F.interpolate(picture * 2 - 1, (h, w), mode="bilinear", antialias=True)
        last: Tensor = features(whole)[-1]
        return last.mean(dim=(2, 3)).cpu()

    return "EfficientNet-Lite2", see


def table(
    contenders: Sequence[Contender], pairs: Pairs, see: See, seed: int, device: torch.device
) -> list[str]:
    """A row for each contender and protocol."""
    # Another picture, the same one for all contenders: a step that no picture comes back from.
    shift = 1 + int(np.random.default_rng(seed).integers(len(pairs) - 1))
    lines = [f"{'':22} {'reference':10}" + "".join(f"{name:>14}" for name in COLUMNS)]
    for name, _, paint in contenders:
        for protocol, step in (("own", 0), ("other", shift)):
            figures = score(paint, pairs, see, step, device)
            row = "".join(f"{value:14.2f}" if value >= 5 else f"{value:14.3f}" for value in figures)
            lines.append(f"{name:22} {protocol:10}{row}")
    return lines


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path, help="colour pictures, or pairs, to train on")
    parser.add_argument("--test", type=Path, nargs="+", required=True, help="to score on")
    parser.add_argument("--runs", type=Path, default=Path("runs/seed"), help="of ours")
    parser.add_argument("--record", type=Path, help="file for what is printed")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--width", type=int, default=16, help="of all networks; 64 is the paper's")
    parser.add_argument("--size", type=int, default=96, help="side of all pictures")
    parser.add_argument("--batch", type=int, default=6)
    parser.add_argument("--steps", type=int, default=1200, help="of each contender")
    parser.add_argument("--turns", type=int, default=4, help="after each a table is written")
    parser.add_argument("--rate", type=float, default=1e-4, help="learning rate of all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fid-weights", type=Path, help="Inception's; else EfficientNet-Lite2")
    parser.add_argument("--vgg-weights", type=Path, help="VGG16's; else torch's cache")
    return parser.parse_args()


def main() -> None:
    options = parse()
    device = choose_device(options.device)
    torch.manual_seed(options.seed)
    with tempfile.TemporaryDirectory() as name:
        tested = [example for folder in options.test for example in find_examples(folder)]
        seen = find_examples(options.data)
        pairs = make_pairs(seen, Path(name) / "train", 2 * options.size, options.seed)
        test = Pairs(
            make_pairs(tested, Path(name) / "test", options.size, options.seed + 1), options.size
        )
        extractor, see = seeing(options.fid_weights, device)
        contenders = [
            existing(pairs, options, device),
            ours("ours, code", read_recipe("paper"), pairs, options, device),
            ours("ours, levels", read_recipe("paper-levels"), pairs, options, device),
        ]
        sketch = Contender(
            "the sketch as it is", lambda until: None, lambda x, _: x.expand(-1, 3, -1, -1)
        )
        compares = load_perceptual(options.vgg_weights, device)[0] is not None
        for turn in range(1, options.turns + 1):
            until = options.steps * turn // options.turns
            for contender in contenders:
                contender.learn(until)
            words = [
                f"{until} of {options.steps} steps of {options.batch} pictures of {options.size} px"
                f" each, width {options.width}, learning rate {options.rate:g},"
                f" {'with' if compares else 'no'} perceptual loss;",
                f"trained on {len(seen)} pictures, scored on {len(test)}; FID through {extractor};"
                f" mangacolor {__version__}, torch {torch.__version__}, {platform.machine()}",
                "",
                *table([sketch, *contenders], test, see, options.seed, device),
            ]
            text = "\n".join(words)
            print(text, flush=True)
            if options.record is not None:
                options.record.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
