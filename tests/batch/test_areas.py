"""A model of areas from its export to the coloured page; the networks are random, or made to be."""

from __future__ import annotations

import dataclasses
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mangacolor.images.geometry import Float32, UInt8
from mangacolor.images.shades import to_shares
from mangacolor.images.views import MOST_AREAS, cut_views
from mangacolor.runtime.areas import color_areas
from mangacolor.runtime.colored_areas import NEIGHBOUR, ColoredAreas, palette_of, settled, to_hints
from mangacolor.runtime.reference_areas import MOST_REFERENCE_AREAS, read_references
from mangacolor.runtime.seen import see_page
from tests.batch.by_place import COLORS, ByPlace, drawn


def test_every_area_takes_the_colour_of_its_match() -> None:
    reference = np.asarray(drawn(list(COLORS)))
    page = np.asarray(drawn(["white"] * 3).convert("L"))
    model = ByPlace()
    colored = color_areas(model, see_page(page), read_references(model, [reference]))
    for i, color in enumerate(COLORS.values()):
        area = colored.areas[100, 85 + 155 * i]
        assert np.abs(colored.colors[area].astype(int) - color).max() <= 6
        assert colored.sure[area] > 0.9
    filled = palette_of(colored, page, np.full((20, 48, 3), 128, np.uint8))[colored.areas]
    for i, color in enumerate(COLORS.values()):
        inside = filled[60:140, 60 + 155 * i : 110 + 155 * i].reshape(-1, 3)
        assert np.ptp(inside, axis=0).max() == 0
        assert np.abs(inside[0].astype(int) - color).max() <= 6


@pytest.mark.parametrize(("likely", "guessed"), [(0.6, False), (0.9999, True)])
def test_what_is_guessed_far_more_surely_than_matched_has_that_colour(
    likely: float, guessed: bool
) -> None:
    class Guessing(ByPlace):
        """Matches with half of the votes, and says of all areas that they are white."""

        def match(
            self, features: Float32, facts: Float32, tokens: Float32
        ) -> tuple[Float32, Float32 | None]:
            scores, _ = super().match(features, facts, tokens)
            best = np.where(scores >= scores[:, :-1].max(axis=1, keepdims=True), 0.5, 1e-9)
            best[:, -1] = 0.5
            white = to_shares(np.full((len(facts), 3), 255, np.uint8))
            rest = (1 - likely) / white.shape[1]
            return np.log(best).astype(np.float32), np.log(likely * white + rest)

    model = Guessing()
    page = np.asarray(drawn(["white"] * 3).convert("L"))
    references = read_references(model, [np.asarray(drawn(list(COLORS)))])
    colored = color_areas(model, see_page(page), references)
    for i, color in enumerate(COLORS.values()):
        area = colored.areas[100, 85 + 155 * i]
        wanted = (255, 255, 255) if guessed else color
        assert np.abs(colored.colors[area].astype(int) - wanted).max() <= 6
        assert (colored.matches[area] == -1) == guessed
        assert colored.sure[area] == pytest.approx(likely if guessed else 0.5, abs=0.02)


def test_references_add_up_and_what_attention_sees_is_bounded() -> None:
    model = ByPlace()
    one = read_references(model, [np.asarray(drawn(list(COLORS)))])
    other = np.array(drawn(["gold", "crimson", "teal"]))
    both = read_references(model, [np.asarray(drawn(list(COLORS))), other])
    twice = read_references(model, [np.asarray(drawn(list(COLORS)))] * 2)
    assert len(one.tokens) < len(both.tokens) == len(both.looks) and not both.left_out
    assert len(twice.tokens) == len(one.tokens)
    busy = np.full((600, 600, 3), 255, np.uint8)
    busy[::24] = busy[:, ::24] = 0
    # Shifted by a pixel, each is another picture.
    many = read_references(model, [np.roll(busy, i, axis=(0, 1)) for i in range(6)])
    assert len(many.tokens) > MOST_REFERENCE_AREAS and not many.left_out
    assert len(many.attended) == MOST_REFERENCE_AREAS
    assert many.sizes[many.attended].min() >= np.delete(many.sizes, many.attended).max()


def test_other_colours_of_a_reference_leave_what_is_matched() -> None:
    class ByColor(ByPlace):
        def read(self, features: Float32, facts: Float32, colors: Float32) -> Float32:
            return colors

    picture = np.asarray(drawn(list(COLORS)))
    other = np.where((picture == COLORS["tomato"]).all(2)[..., None], (10, 200, 60), picture)
    plain = read_references(ByColor(), [picture])
    worn = read_references(ByColor(), [picture], [other.astype(np.uint8)])
    assert np.array_equal(worn.tokens, plain.tokens)
    changed = (worn.colors != plain.colors).any(axis=1)
    assert changed.sum() == 1
    assert np.abs(worn.colors[changed].astype(int) - (10, 200, 60)).max() <= 6


def test_references_are_looked_at_one_after_the_other() -> None:
    alive: list[weakref.ref[UInt8]] = []

    def decoded() -> Iterator[UInt8]:
        for _ in range(5):
            picture = np.array(drawn(list(COLORS)))
            alive.append(weakref.ref(picture))
            yield picture
            del picture
            # The one in hand is still held; those before it are not.
            assert sum(known() is not None for known in alive) <= 1

    assert len(read_references(ByPlace(), decoded()).tokens)


def test_a_page_of_hatching_says_how_many_areas_are_left_out() -> None:
    grid = np.full((900, 900), 255, np.uint8)
    grid[::20] = grid[:, ::20] = 0
    views = cut_views(grid, see_page(grid).areas, [(0, 0, 900, 900)])
    assert views[0].left_out > 1000 and len(views[0].numbers) == MOST_AREAS


def test_who_has_too_few_votes_keeps_the_painters_colour() -> None:
    page = np.asarray(drawn(["white"] * 3).convert("L"))
    areas = see_page(page).areas
    count = int(areas.max()) + 1
    colored = ColoredAreas(
        areas, np.full((count, 3), (255, 0, 0), np.uint8), np.full(count, 0.1, np.float32)
    )
    painted = np.full((200, 480, 3), (0, 120, 240), np.uint8)
    assert (palette_of(colored, page, painted)[1:] == (0, 120, 240)).all()
    sure = dataclasses.replace(colored, sure=np.ones(count, np.float32))
    assert (palette_of(sure, page, painted) == (255, 0, 0)).all()


def test_areas_that_were_not_compared_have_the_nearest_neighbours_colour() -> None:
    areas = np.ones((40, 90), np.int32)
    areas[:, 45:] = 2
    areas[10:14, 5:9], areas[10:14, 80:84] = 3, 4
    colors = np.array([[0] * 3, [255, 0, 0], [0, 0, 255], [9] * 3, [9] * 3], np.uint8)
    sure = np.array([0, 0.9, 0.8, 0, 0], np.float32)
    given = ColoredAreas(areas, colors, sure, np.array([-1, 5, 6, -1, -1], np.int32))
    done, is_settled = settled(given)
    assert is_settled
    assert done.colors[1:].tolist() == [[255, 0, 0], [0, 0, 255], [255, 0, 0], [0, 0, 255]]
    assert done.matches[1:].tolist() == [5, 6, NEIGHBOUR, NEIGHBOUR]
    # One that was compared and is not sure is for the painter, and is nobody's neighbour.
    unsure = dataclasses.replace(given, sure=np.array([0, 0.9, 0.05, 0, 0], np.float32))
    done, is_settled = settled(unsure)
    assert not is_settled
    assert done.colors[4].tolist() == [255, 0, 0]
    nothing = dataclasses.replace(given, sure=np.zeros(5, np.float32))
    assert settled(nothing) == (nothing, False)


def test_hints_are_the_colours_and_how_sure_they_are() -> None:
    areas = np.repeat([[1, 2]], 4, axis=0).repeat(8, axis=1).astype(np.int32)
    colors = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0]], np.uint8)
    hints = to_hints(ColoredAreas(areas, colors, np.array([0, 0.5, 0], np.float32)), 8, 32)
    assert hints.shape == (4, 8, 32)
    np.testing.assert_allclose(hints[:, 3, 3], [1, -1, -1, 0.5])
    # Where nobody voted there is nothing to be told.
    np.testing.assert_allclose(hints[:, 3, 28], 0)


@pytest.mark.parametrize(
    "page",
    [
        np.full((300, 200), 255, np.uint8),
        np.zeros((300, 200), np.uint8),
        np.full((3, 3), 255, np.uint8),
        np.tile(np.array([0, 255], np.uint8), (400, 200)),
        np.random.default_rng(0).integers(0, 256, (400, 300)).astype(np.uint8),
    ],
    ids=["blank", "black", "tiny", "hatching", "noise"],
)
def test_pages_without_and_with_thousands_of_areas_are_coloured(page: UInt8) -> None:
    model = ByPlace()
    references = read_references(model, [np.asarray(drawn(list(COLORS)))])
    colored = color_areas(model, see_page(page), references)
    assert np.isfinite(colored.sure).all()
    done, is_settled = settled(colored)
    assert np.array_equal(done.areas, colored.areas)
    # What was compared keeps what it was found to be.
    kept = colored.sure > 0
    assert np.array_equal(done.colors[kept], colored.colors[kept])
    assert is_settled <= (done.sure[1:] > 0).all()


def test_a_reference_of_one_flat_colour_is_one_area() -> None:
    flat = np.full((90, 60, 3), (200, 30, 40), np.uint8)
    references = read_references(ByPlace(), [flat])
    assert len(references.tokens) == 1
    assert np.abs(references.colors[0].astype(int) - (200, 30, 40)).max() <= 2
    page = np.asarray(drawn(["white"] * 3).convert("L"))
    assert color_areas(ByPlace(), see_page(page), references).sure.max() <= 1


def test_an_exported_model_of_areas_colours_a_chapter(areas_bundle: Path, tmp_path: Path) -> None:
    from mangacolor.config import BatchConfig
    from tests.asking import color_chapter

    pages = tmp_path / "pages"
    pages.mkdir()
    drawn(["white"] * 3).convert("L").save(pages / "1.png")
    drawn(list(COLORS)).save(tmp_path / "cover.png")
    config = BatchConfig(size=128, device="cpu")
    summary = color_chapter(pages, [tmp_path / "cover.png"], areas_bundle, config)
    assert summary.colored == 1 and not summary.failed
    result = np.asarray(Image.open(summary.output / "1.png").convert("RGB"))
    assert result.shape == (200, 480, 3)
    assert (result[np.asarray(drawn(["white"] * 3).convert("L")) == 0] <= 48).all()


def test_a_reference_is_decoded_and_hashed_once(
    areas_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    from mangacolor.batch.references import pictures_kept
    from mangacolor.config import BatchConfig
    from mangacolor.images import page
    from tests.asking import color_chapter

    pages, cover = tmp_path / "pages", tmp_path / "covers" / "1.png"
    pages.mkdir()
    cover.parent.mkdir()
    drawn(["white"] * 3).convert("L").save(pages / "1.png")
    drawn(list(COLORS)).save(cover)
    content, decoded, hashed = cover.read_bytes(), [], []
    decode, sha256 = page.read_color, hashlib.sha256

    def counted(source: bytes, name: str) -> UInt8:
        decoded.append(name)
        return decode(source, name)

    def noted(data: bytes = b"") -> object:
        hashed.append(bytes(data) == content)
        return sha256(data)

    # Other tests may have read the same picture.
    with pictures_kept():
        pass
    monkeypatch.setattr("mangacolor.batch.decoded.read_color", counted)
    monkeypatch.setattr(hashlib, "sha256", noted)
    color_chapter(pages, [cover.parent], areas_bundle, BatchConfig(size=128, device="cpu"))
    assert decoded == [str(cover)]
    assert sum(hashed) == 1


def test_weights_are_stored_once(areas_bundle: Path) -> None:
    import onnx

    from mangacolor.bundle import WEIGHTS_FILE, read_bundle
    from mangacolor.nets.checkpoint import load_generator

    bundle = read_bundle(areas_bundle)
    assert bundle.format == 3
    generator, _ = load_generator(areas_bundle / WEIGHTS_FILE)
    weights = sum(x.numel() for x in generator.parameters())
    size = sum(path.stat().st_size for path in areas_bundle.iterdir())
    graphs = 0
    for name in bundle.graphs:
        model = onnx.load(areas_bundle / name, load_external_data=False)
        inner = [x for x in model.graph.initializer if not x.external_data]
        graphs += sum(int(np.prod(x.dims)) for x in inner if x.data_type == onnx.TensorProto.FLOAT)
    assert graphs < 0.02 * weights
    assert size < 2 * weights + 500_000


def test_a_bundle_of_areas_without_its_weights_is_refused(
    areas_bundle: Path, tmp_path: Path
) -> None:
    import shutil

    from mangacolor.bundle import WEIGHTS_FILE, read_bundle
    from mangacolor.errors import ModelError

    copy = tmp_path / "copy"
    shutil.copytree(areas_bundle, copy)
    (copy / WEIGHTS_FILE).unlink()
    with pytest.raises(ModelError, match=WEIGHTS_FILE):
        read_bundle(copy)


def test_the_painter_of_a_model_that_guesses_is_never_asked_by_default(areas_bundle: Path) -> None:
    from mangacolor.bundle import read_bundle
    from mangacolor.config import Look
    from mangacolor.runtime.color import color_page
    from mangacolor.runtime.engine import Engine

    engine = Engine.open(read_bundle(areas_bundle), "cpu")
    page = np.asarray(drawn(["white"] * 3).convert("L"))
    references = engine.model.see_all([np.asarray(drawn(list(COLORS)))])
    colored = color_page(engine.model, page, references)
    assert colored.painted is None
    # Nor are its graphs opened.
    opened = {path.name for path in engine._sessions}
    assert not opened & {"style.onnx", "color.onnx"}
    assert color_page(engine.model, page, references, Look(flats=False)).painted is not None
