from __future__ import annotations

import pytest
import torch

from mangacolor.color import bright_ratio
from mangacolor.config import TrainConfig
from mangacolor.nets.blocks import AdaIN, normalize
from mangacolor.nets.build import build_generator, minimum_size, size_multiple
from mangacolor.nets.colorizer import Colorizer
from mangacolor.nets.style_encoder import StyleEncoder
from mangacolor.paper.discriminator import Discriminator
from mangacolor.paper.extractor import Extractor
from mangacolor.recipes import read_recipe
from mangacolor.train.losses import coloring_losses
from tests.conftest import tiny_net

stems = pytest.mark.parametrize("stem", [1, 2])


def pictures(n: int = 2, r: int = 1, h: int = 64, w: int = 96) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(5)
    lineart = torch.rand(n, 1, h, w, generator=random) * 2 - 1
    return lineart, torch.rand(n, r, 3, 64, 64, generator=random) * 2 - 1


@stems
def test_outputs_are_the_pyramid_in_range(style: str, stem: int) -> None:
    lineart, references = pictures()
    coloring = build_generator(tiny_net(style=style, stem=stem), seed=0)(lineart, references)
    sizes = [tuple(level.shape) for level in coloring.pyramid]
    assert sizes == [(2, 3, 64 // k, 96 // k) for k in (8, 4, 2, 1)]
    assert all(level.abs().max() <= 1 for level in coloring.pyramid)
    assert (coloring.copied is not None) == (style == "attention")


@stems
def test_a_permuted_style_code_changes_the_output(style: str, stem: int) -> None:
    lineart, references = pictures(n=1)
    generator = build_generator(tiny_net(style=style, stem=stem), seed=0)
    kept = generator.style(references)
    # Two moments of the code, all that the existing implementation uses, survive a permutation.
    permuted = kept._replace(codes=10 * kept.codes.flip(2))
    straight = kept._replace(codes=10 * kept.codes)
    colors = [generator.colorizer(lineart, s).pyramid[-1] for s in (straight, permuted)]
    assert (colors[0] - colors[1]).abs().mean() > 1e-2


def test_the_papers_network_has_the_papers_sizes() -> None:
    recipe = read_recipe("paper")
    with torch.device("meta"):
        generator = build_generator(recipe.net)
        discriminator = Discriminator(recipe.train.discriminator_width)
    extractor, colorizer, judge = (
        sum(x.numel() for x in module.parameters())
        for module in (generator.style_encoder, generator.colorizer, discriminator)
    )
    # Ours: each AdaIN's own affine of the code.
    affine = sum(
        x.numel()
        for module in generator.modules()
        if isinstance(module, AdaIN)
        for x in module.parameters()
    )
    # Within biases, the sketch's one channel for three, and the line art that is judged, too.
    assert extractor == pytest.approx(4.987e6, abs=4e3)
    assert colorizer - affine == pytest.approx(58.501e6, abs=4e3)
    assert judge == pytest.approx(1.190e6, abs=4e3)


def test_codes_that_are_means_know_no_deviation() -> None:
    x = torch.randn(2, 6, 8, 8)
    shifted = (x - x.mean(dim=(2, 3), keepdim=True)) * 3 + x.mean(dim=(2, 3), keepdim=True)
    mean, both = (Extractor(tiny_net(style="code", pooling=p)).pool for p in ("mean", "moments"))
    torch.testing.assert_close(mean(x), mean(shifted))
    assert mean(x).shape == (2, 6)
    assert (both(x) - both(shifted)).abs().amax(dim=1).min() > 0.1


def test_the_output_follows_many_directions_of_the_code() -> None:
    lineart, references = pictures(n=1)
    generator = build_generator(tiny_net(style="code"), seed=0)
    codes = generator.style(references).codes

    def summary(code: torch.Tensor) -> torch.Tensor:
        from mangacolor.nets.coloring import Style

        return generator.colorizer(lineart, Style(code)).pyramid[-1][0, :, ::8, ::8].flatten()

    jacobian = torch.autograd.functional.jacobian(summary, codes).flatten(1)
    values = torch.linalg.svdvals(jacobian)
    assert int((values > 1e-3 * values[0]).sum()) == codes.numel()


@stems
def test_every_parameter_gets_a_gradient(style: str, stem: int) -> None:
    lineart, references = pictures(r=2)
    generator = build_generator(tiny_net(style=style, stem=stem), seed=0)
    truth = torch.rand(2, 3, 64, 96) * 2 - 1
    losses = coloring_losses(generator(lineart, references), truth, TrainConfig())
    sum(losses.values()).backward()  # type: ignore[union-attr]
    without = [
        name
        for name, parameter in generator.named_parameters()
        if parameter.grad is None or not parameter.grad.abs().max() > 0
    ]
    assert without == []


def test_every_parameter_of_the_discriminator_gets_a_gradient() -> None:
    discriminator = Discriminator(width=4)
    color, lineart = torch.rand(2, 3, 64, 64), torch.rand(2, 1, 64, 64)
    discriminator(color, lineart).logits.square().mean().backward()
    assert all(
        parameter.grad is not None and parameter.grad.abs().max() > 0
        for parameter in discriminator.parameters()
    )


def test_the_discriminator_judges_every_level_and_sees_the_line_art() -> None:
    torch.manual_seed(0)
    discriminator = Discriminator(width=4)
    lineart = torch.rand(2, 1, 64, 96) * 2 - 1
    for k in (8, 4, 2, 1):
        color = torch.rand(2, 3, 64 // k, 96 // k)
        logits = discriminator(color, lineart).logits
        assert logits.shape == (2, 1, 64 // k // 8, -(-96 // k // 8))
        assert not torch.equal(logits, discriminator(color, -lineart).logits)


def test_several_references_give_more_tokens_and_another_output() -> None:
    lineart, references = pictures(n=1, r=3)
    generator = build_generator(tiny_net(style="attention"), seed=0)
    one, three = (generator.style(references[:, :r]) for r in (1, 3))
    assert three.keys.shape[1] == three.values.shape[1] == 3 * one.keys.shape[1] == 3 * 64  # type: ignore[union-attr]
    colors = [generator.colorizer(lineart, style) for style in (one, three)]
    assert (colors[0].copied - colors[1].copied).abs().mean() > 1e-3
    assert (colors[0].pyramid[-1] - colors[1].pyramid[-1]).abs().max() > 1e-4


def test_the_order_of_references_does_not_matter(style: str) -> None:
    lineart, references = pictures(n=1, r=3)
    generator = build_generator(tiny_net(style=style), seed=0)
    outputs = [generator(lineart, r).pyramid[-1] for r in (references, references.flip(1))]
    assert torch.allclose(outputs[0], outputs[1], atol=1e-5)


def test_copied_colours_are_colours_of_the_reference() -> None:
    lineart, _ = pictures(n=1)
    red = torch.tensor([0.8, -0.6, -0.6])[None, None, :, None, None].expand(1, 1, 3, 64, 64)
    generator = build_generator(tiny_net(style="attention", gate=False), seed=0)
    copied = generator(lineart, red).copied
    assert torch.allclose(copied, red[:, 0, :, :1, :1].expand_as(copied), atol=1e-5)


def test_the_gate_lets_the_networks_own_colour_in_where_nothing_fits() -> None:
    lineart, references = pictures(n=1)
    generator = build_generator(tiny_net(), seed=0)
    painter = generator.colorizer
    assert isinstance(painter, Colorizer)
    gate = painter.copy
    copied = {}
    for doubt in (-1e3, 1e3):
        torch.nn.init.constant_(gate.doubt.bias, doubt)  # type: ignore[arg-type]
        copied[doubt] = [generator(lineart, r).copied for r in (references, -references)]
    sure, unsure = copied[-1e3], copied[1e3]
    assert (sure[0] - sure[1]).abs().mean() > 1e-2
    style = generator.style(references)
    lowest, highest = style.values.amin(dim=1), style.values.amax(dim=1)  # type: ignore[union-attr]
    assert (sure[0] >= lowest[:, :, None, None] - 1e-5).all()
    assert (sure[0] <= highest[:, :, None, None] + 1e-5).all()
    # Unsure, only the style code tells of the references.
    assert (unsure[0] - unsure[1]).abs().mean() < 0.2 * (sure[0] - sure[1]).abs().mean()


def test_the_same_drawing_is_found_again_before_anything_is_learned() -> None:
    random = torch.Generator().manual_seed(0)
    strokes = torch.rand(1, 1, 16, 16, generator=random).round()
    picture = torch.nn.functional.interpolate(strokes, size=(128, 128)) * 2 - 1
    generator = build_generator(tiny_net(width=8, max_channels=32, key_size=32), seed=0)
    painter, encoder = generator.colorizer, generator.style_encoder
    assert isinstance(painter, Colorizer) and isinstance(encoder, StyleEncoder)
    torch.nn.init.zeros_(painter.copy.query[2].weight)  # type: ignore[arg-type]
    torch.nn.init.zeros_(encoder.key[2].weight)  # type: ignore[arg-type]
    grey = (picture + 1) / 2
    scores = generator(
        bright_ratio(grey) ** 2 * 2 - 1, picture.expand(1, 3, -1, -1)[:, None]
    ).scores
    best = scores.argmax(dim=2)[0]
    assert (best == torch.arange(len(best))).float().mean() > 0.9


@stems
@pytest.mark.parametrize("looks_up", ["colors", "features"])
@pytest.mark.parametrize("found_by", ["colors", "lines"])
@pytest.mark.parametrize("gate", [False, True])
def test_every_kind_of_attention_uses_every_parameter(
    stem: int, looks_up: str, found_by: str, gate: bool
) -> None:
    lineart, references = pictures(r=2)
    net = tiny_net(stem=stem, looks_up=looks_up, found_by=found_by, gate=gate)
    generator = build_generator(net, seed=0)
    coloring = generator(lineart, references)
    assert (coloring.copied is None) == (looks_up == "features")
    assert coloring.scores.shape == (2, 8 * 12, 2 * 64)
    losses = coloring_losses(coloring, torch.rand(2, 3, 64, 96) * 2 - 1, TrainConfig())
    sum(losses.values()).backward()  # type: ignore[union-attr]
    assert all(parameter.grad is not None for parameter in generator.parameters())


@stems
def test_odd_pages_work_through_padding(stem: int) -> None:
    from mangacolor.evaluate.painters import painter_of
    from mangacolor.runtime.checkpoint import open_generator

    config = tiny_net(stem=stem)
    paint = painter_of(open_generator(build_generator(config, seed=0).eval()))
    for h, w in [(1, 1), (37, 101), (64, 65)]:
        assert paint(torch.zeros(1, 1, h, w), [torch.zeros(1, 3, 50, 33)]).shape == (1, 3, h, w)
    assert size_multiple(config) == 16 * stem
    assert minimum_size(config) == 32 * stem


def test_works_of_a_batch_do_not_see_each_other(style: str) -> None:
    lineart, references = pictures(n=2)
    generator = build_generator(tiny_net(style=style), seed=0)
    together = generator(lineart, references).pyramid[-1]
    alone = generator(lineart[1:], references[1:]).pyramid[-1]
    assert torch.allclose(together[1:], alone, atol=1e-5)


def test_adain_gives_each_channel_the_codes_mean_and_deviation() -> None:
    layer = AdaIN(3, 4)
    code = torch.randn(2, 4)
    out = layer(torch.randn(2, 3, 32, 32), code)
    scale, shift = layer.affine(code).chunk(2, dim=1)
    assert torch.allclose(out.mean(dim=(2, 3)), shift, atol=1e-4)
    assert torch.allclose(out.std(dim=(2, 3), correction=0), (1 + scale).abs(), atol=1e-3)


def test_a_single_pixel_is_normalised_to_zero() -> None:
    assert torch.equal(normalize(torch.full((1, 2, 1, 1), 7.0)), torch.zeros(1, 2, 1, 1))
