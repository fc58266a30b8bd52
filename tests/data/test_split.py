from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mangacolor.data.dataset import TrainingSet, read_example
from mangacolor.data.layouts import Example, find_examples
from mangacolor.data.split import Split, split_series
from mangacolor.errors import InputError
from mangacolor.images.colored import has_colors
from tests.conftest import draw_color_page, draw_picture, tiny_recipe


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "pages"
    path.mkdir()
    return path


def split(folder: Path, pages: int, share: float = 0.2) -> Split:
    for i in range(pages):
        draw_color_page(i).save(folder / f"page {i + 1}.png")
    return split_series(find_examples(folder), share)


def overlap(a: Example, b: Example) -> bool:
    if a.color != b.color:
        return False
    if a.box is None or b.box is None:
        return True
    across = min(a.box[2], b.box[2]) > max(a.box[0], b.box[0])
    return across and min(a.box[3], b.box[3]) > max(a.box[1], b.box[1])


@pytest.mark.parametrize("pages", [1, 2, 5, 6, 12])
def test_nothing_held_back_is_trained_on_or_a_reference(folder: Path, pages: int) -> None:
    series = split(folder, pages)
    assert (series.pages, series.panels) == (pages, 4 * pages)
    assert series.held
    for held in series.held:
        assert not any(overlap(held, example) for example in [*series.train, *series.references])
    assert len({example.series for example in [*series.train, *series.held]}) == 1
    assert len(series.references) == len(series.held)
    assert all(reference in series.train for reference in series.references)


def test_few_pages_lose_panels_and_many_pages_lose_whole_pages(folder: Path) -> None:
    few = split(folder, 2)
    assert [example.color.stem for example in few.held] == ["page 1", "page 2"]
    assert len(few.train) == 6  # both pages show a held-back panel
    many = split(folder, 10)
    held = {example.color for example in many.held}
    assert (len(held), len(many.held)) == (2, 8)
    # The last ones: nothing behind them has been taught.
    assert {path.stem for path in held} == {"page 9", "page 10"}
    assert len(many.train) == 8 * 5


def test_the_reference_is_the_furthest_page_to_train_on(folder: Path) -> None:
    series = split(folder, 10, share=0.1)
    (held,) = {example.color.stem for example in series.held}
    (reference,) = {example.color.stem for example in series.references}
    assert abs(int(held[5:]) - int(reference[5:])) == 9
    assert series.references[0].box is None


def test_pages_without_colour_are_left_out_by_name(folder: Path) -> None:
    draw_color_page(7).convert("L").save(folder / "grey.png")
    series = split(folder, 2)
    assert series.grey == ["grey"]
    assert all(example.color.stem != "grey" for example in series.train)


@pytest.mark.parametrize(
    ("pictures", "message"),
    [
        ([draw_color_page(0).convert("L")], "None of the 1 pages .* has colour"),
        ([draw_picture(0)], "Only one panel"),
    ],
)
def test_pages_that_teach_nothing_are_refused(
    folder: Path, pictures: list[Image.Image], message: str
) -> None:
    for i, picture in enumerate(pictures):
        picture.save(folder / f"{i}.png")
    with pytest.raises(InputError, match=message):
        split_series(find_examples(folder), 0.2)


def test_two_pages_of_one_panel_each_are_enough(folder: Path) -> None:
    for i in range(2):
        draw_picture(i).save(folder / f"{i}.png")
    series = split_series(find_examples(folder), 0.2)
    assert (len(series.train), len(series.held)) == (1, 1)


def test_yellowed_grey_is_not_colour() -> None:
    grey = np.asarray(draw_color_page(0).convert("L"))[..., None]
    assert not has_colors(np.repeat(grey, 3, axis=2))
    assert not has_colors((grey * np.array([1.0, 0.97, 0.9])).astype(np.uint8))
    assert has_colors(np.asarray(draw_color_page(0)))


def test_a_box_cuts_both_halves_of_a_pair(folder: Path) -> None:
    page = draw_color_page(0)
    page.save(folder / "a_color.png")
    page.convert("L").save(folder / "a_sketch.png")
    series = split_series(find_examples(folder), 0.2)
    for example in [*series.train, *series.held]:
        color, lineart = read_example(example)
        assert lineart is not None
        assert color.shape == lineart.shape == (144, 104, 3)
        assert np.array_equal(np.asarray(Image.fromarray(color).convert("L")), lineart[..., 0])


def test_samples_are_made_of_panels(folder: Path) -> None:
    series = split(folder, 1)
    data = tiny_recipe().data
    sample = TrainingSet(series.train, data, 2, 0)[0]
    assert sample.color.shape == (3, data.size, data.size)


def test_pages_are_whole_to_be_remembered_where_whole_ones_are_held_back(tmp_path: Path) -> None:
    for count, held in ((3, 0), (8, 1)):
        folder = tmp_path / str(count)
        folder.mkdir()
        for number in range(count):
            draw_color_page(number).save(folder / f"{number}.png")
        split = split_series(find_examples(folder), 0.15)
        assert len(split.held_pages) == held
        assert len(split.taught_pages) == (count - held if held else 0)
        assert all(page.box is None for page in (*split.taught_pages, *split.held_pages))
        assert {page.color for page in split.held_pages} <= {x.color for x in split.held}
