"""Pictures per second of a training step of ours, beside the existing implementation's way.

    python benchmarks/train.py --width 16 --size 128 --batch 6

Three contenders take turns in one run, so that a busy machine is busy for all of them:

- reference procedure: the existing implementation's networks, losses and picture preparation, as
  benchmarks/reference_procedure.py writes them anew; eager fp32, no cache, no workers;
- ours, like for like: style `code`, stem 1, no cap on channels, the same width, size, batch and
  pairs of pictures, fp32, with perceptual and adversarial losses (R1 every 16th step);
- ours, as it is: the default recipe, or --recipe, on the colour pictures alone: references are
  warped, colours changed and ink drawn. Size and batch are the same, the network is the recipe's.

VGG16 has random weights here: they take as long as the true ones. Caches are filled before. Drawing
ink and warping references are part of our step; what waits for data is the time in the loader.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import dataclasses
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import PIL
import torch
from PIL import Image, ImageDraw
from reference_procedure import Pairs, Procedure
from torch import nn
from torch.utils.data import DataLoader

from mangacolor.config import DataConfig, NetConfig, Recipe, TrainConfig
from mangacolor.data.dataset import TrainingSet, read_example
from mangacolor.data.layouts import Example, find_examples
from mangacolor.data.lineart import draw_ink
from mangacolor.paper.perceptual import Perceptual
from mangacolor.recipes import read_recipe
from mangacolor.train.loop import choose_device
from mangacolor.train.parallel import Share, Team
from mangacolor.train.state import new_state
from mangacolor.train.step import prepare, training_step

PAIR_SIDE = 512  # as in the data set that the existing implementation is trained on


@dataclasses.dataclass
class Contender:
    """One way of training; `step` does one step and gives the seconds it waited for its batch."""

    name: str
    step: Callable[[], float]
    # Steps at the start of a turn that are not timed: batches that workers have laid up meanwhile.
    laid_up: int = 0
    seconds: list[float] = dataclasses.field(default_factory=list)
    waited: list[float] = dataclasses.field(default_factory=list)

    def take_turn(self, steps: int) -> None:
        """Times so many steps; adds seconds per step and the share of them spent waiting."""
        for _ in range(1 + self.laid_up):
            self.step()
        finish_device_work()
        start = time.perf_counter()
        waited = sum(self.step() for _ in range(steps))
        finish_device_work()
        taken = time.perf_counter() - start
        self.seconds.append(taken / steps)
        self.waited.append(waited / taken)


def finish_device_work() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def draw_picture(seed: int, side: int = 640) -> Image.Image:
    """A colour picture of inked shapes on a soft, grainy ground, not too easily decoded."""
    rng = np.random.default_rng(seed)
    ground = Image.fromarray(rng.integers(60, 255, (8, 8, 3), dtype=np.uint8))
    soft = np.asarray(ground.resize((side, side), Image.Resampling.BICUBIC), dtype=np.int16)
    grain = rng.integers(-4, 5, (side, side, 1))
    picture = Image.fromarray(np.clip(soft + grain, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(30):
        x, y = (int(v) for v in rng.integers(0, side, 2))
        w, h = (int(v) for v in rng.integers(20, side // 3, 2))
        color = tuple(int(v) for v in rng.integers(0, 256, 3))
        draw.ellipse((x, y, x + w, y + h), fill=color, outline="black", width=3)
    return picture


def make_pairs(examples: list[Example], folder: Path) -> Path:
    """Writes the examples side by side, colour left; ink is drawn where there is none."""
    folder.mkdir()
    for number, example in enumerate(examples):
        color, lineart = read_example(example)
        small = Image.fromarray(color).resize((PAIR_SIDE, PAIR_SIDE))
        if lineart is None:
            signed = torch.from_numpy(np.array(small)).permute(2, 0, 1)[None] / 127.5 - 1
            ink = draw_ink(signed)[0, 0].add(1).mul(127.5).byte().numpy()
        else:
            ink = np.asarray(Image.fromarray(lineart).resize(small.size).convert("L"))
        pair = Image.new("RGB", (2 * PAIR_SIDE, PAIR_SIDE))
        pair.paste(small, (0, 0))
        pair.paste(Image.fromarray(ink), (PAIR_SIDE, 0))
        pair.save(folder / f"{number:05d}.png")
    return folder


def reference_procedure(
    options: argparse.Namespace, pairs: Path, vgg: Perceptual, device: torch.device
) -> Contender:
    loader = DataLoader(Pairs(pairs, options.size), options.batch, shuffle=True, drop_last=True)

    def without_end() -> Iterator[list[torch.Tensor]]:
        while True:
            yield from loader

    batches = without_end()
    procedure = Procedure(options.width, vgg, device)

    def step() -> float:
        start = time.perf_counter()
        color, sketch = next(batches)
        waited = time.perf_counter() - start
        procedure.step(color.to(device), sketch.to(device))
        return waited

    return Contender("reference procedure", step)


def ours(
    name: str, recipe: Recipe, examples: list[Example], workers: int, vgg: Perceptual
) -> Contender:
    """What `mangacolor train` does in a step, moving average included."""
    config = recipe.train
    device = next(vgg.buffers()).device
    state = new_state(recipe, device)
    model: nn.Module = state.generator
    if config.compile:
        model.compile()
    data = TrainingSet(examples, recipe.data, config.batch_size, config.seed)
    # Numbers that are not trained on; workers inherit the cache that they fill.
    for number in range(4 * len(examples)):
        data[2**40 + number]
    batches = iter(
        DataLoader(
            data,
            config.batch_size,
            sampler=Share(0, config.steps, config.batch_size, Team()),
            num_workers=workers,
            pin_memory=device.type == "cuda",
        )
    )

    def step() -> float:
        start = time.perf_counter()
        sample = next(batches)
        waited = time.perf_counter() - start
        batch = prepare(sample, recipe, device)
        training_step(model, state.optimizer, batch, config, state.adversary, vgg)
        state.ema.update_parameters(state.generator)
        return waited

    return Contender(name, step, laid_up=2 * workers)


def like_for_like(options: argparse.Namespace) -> Recipe:
    return Recipe(
        net=NetConfig(style="code", stem=1, width=options.width, max_channels=16 * options.width),
        data=DataConfig(two_references_share=0.0),
        train=TrainConfig(
            perceptual_weight=1.0, adversarial_weight=1.0, discriminator_width=options.width
        ),
    )


def resized(recipe: Recipe, options: argparse.Namespace) -> Recipe:
    data = dataclasses.replace(recipe.data, size=options.size, reference_size=options.size)
    return Recipe(recipe.net, data, dataclasses.replace(recipe.train, batch_size=options.batch))


def show(contender: Contender, batch: int) -> None:
    middle = statistics.median(contender.seconds)
    spread = max(contender.seconds) - min(contender.seconds)
    waits = statistics.median(contender.waited)
    print(
        f"{contender.name:22} {1000 * middle:9.1f} ms a step  (spread {1000 * spread:.1f})"
        f"  {batch / middle:8.2f} pictures/s  waits for data {waits:6.1%}"
    )


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--width", type=int, help="of both networks; 16, or 64 on CUDA")
    parser.add_argument("--size", type=int, default=128, help="side of the pictures, at least 128")
    parser.add_argument("--batch", type=int, default=6)
    parser.add_argument("--steps", type=int, default=4, help="timed steps of a turn")
    parser.add_argument("--repeats", type=int, default=5, help="turns of each contender")
    parser.add_argument("--data", type=Path, help="colour pictures or pairs; else they are drawn")
    parser.add_argument("--pictures", type=int, default=48, help="how many are used")
    parser.add_argument("--workers", type=int, default=0, help="of our loaders")
    parser.add_argument("--recipe", type=Path, help="of `ours, as it is`")
    options = parser.parse_args()
    if options.size < 128 or options.size % 32:
        parser.error("--size must be a multiple of 32, 128 or more")
    return options


def main() -> None:
    options = parse()
    device = choose_device(options.device)
    cuda = device.type == "cuda"
    options.width = options.width or (64 if cuda else 16)
    chip = torch.cuda.get_device_name(device) if cuda else platform.machine()
    print(
        f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; Python"
        f" {platform.python_version()}, torch {torch.__version__}, {chip},"
        f" {torch.get_num_threads()} threads, Pillow {PIL.__version__}, numpy {np.__version__}"
    )
    print(
        f"{options.batch} pictures of {options.size}x{options.size} a step, width {options.width};"
        f" {options.repeats} turns of {options.steps} steps; {options.workers} workers for ours"
    )
    torch.manual_seed(0)
    vgg = Perceptual().to(device)
    recipe = read_recipe(options.recipe) if options.recipe else Recipe()
    with tempfile.TemporaryDirectory() as name:
        if options.data is None:
            (Path(name) / "pictures").mkdir()
            for seed in range(options.pictures):
                path = Path(name) / "pictures" / f"story{seed // 4}-{seed % 4}.png"
                draw_picture(seed).save(path)
        examples = find_examples(options.data or Path(name) / "pictures")[: options.pictures]
        if len(examples) < options.batch:
            raise SystemExit(f"{len(examples)} pictures are too few for batches of {options.batch}")
        pairs = make_pairs(examples, Path(name) / "pairs")
        halves = find_examples(pairs, "side-by-side")
        reference = reference_procedure(options, pairs, vgg, device)
        same = resized(like_for_like(options), options)
        own = resized(recipe, options)
        contenders = [
            reference,
            ours("ours, like for like", same, halves, options.workers, vgg),
            ours("ours, as it is", own, examples, options.workers, vgg),
        ]
        for turn in range(1 + options.repeats):
            for contender in contenders:
                contender.take_turn(options.steps)
                if turn == 0:
                    # The first turn finds algorithms and fills memory pools.
                    contender.seconds.clear()
                    contender.waited.clear()
    for contender in contenders:
        show(contender, options.batch)
    for contender in contenders[1:]:
        ratios = [a / b for a, b in zip(reference.seconds, contender.seconds, strict=True)]
        print(
            f"{contender.name}: {statistics.median(ratios):.2f} x the reference procedure's"
            f" pictures/s (turn by turn {min(ratios):.2f} to {max(ratios):.2f})"
        )


if __name__ == "__main__":
    main()
