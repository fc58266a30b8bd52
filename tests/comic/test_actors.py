"""Casts whose bodies are models: read, seen from anywhere, and drawn on pages like any other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mangacolor.comic.gltf import Rig
from mangacolor.comic.kinds import kinds_of
from mangacolor.comic.page import draw_page
from mangacolor.comic.series import Series
from mangacolor.comic.wardrobe import Costume, find_figures
from mangacolor.comic.zbuffer import draw_ink, see
from mangacolor.errors import InputError
from mangacolor.images.kinds import Kind
from tests.comic.models import write_model


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> list[Costume]:
    folder = tmp_path_factory.mktemp("models")
    write_model(folder / "quaternius" / "people" / "Smooth_Box.glb")
    return find_figures(folder)


def test_a_page_shows_models_with_the_labels_of_a_cast(figures: list[Costume]) -> None:
    series = Series(3, figures)
    pages = [draw_page(series, number, 300, 420) for number in range(3)]
    kinds = kinds_of(series.palette.names)
    shown = np.concatenate([kinds[page.labels].ravel() for page in pages])
    for kind in (Kind.SKIN, Kind.HAIR, Kind.CLOTHES, Kind.GUTTER, Kind.BACKDROP):
        assert (shown == kind).mean() > 0.001
    for page in pages:
        assert set(np.unique(page.labels)) <= set(series.palette.names)
        assert np.array_equal(page.flat, series.palette.flat(page.labels))


def test_a_seed_gives_one_page(figures: list[Costume]) -> None:
    one, two = (draw_page(Series(5, figures), 1, 200, 280) for _ in range(2))
    assert np.array_equal(one.color, two.color)
    assert np.array_equal(one.lineart, two.lineart)
    assert np.array_equal(one.labels, two.labels)


def test_without_models_nothing_changes(figures: list[Costume]) -> None:
    plain = draw_page(Series(5), 1, 200, 280)
    assert np.array_equal(plain.color, draw_page(Series(5, ()), 1, 200, 280).color)
    assert not np.array_equal(plain.color, draw_page(Series(5, figures), 1, 200, 280).color)


def test_a_folder_without_models_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no figures"):
        find_figures(tmp_path)
    (tmp_path / "bad.glb").write_bytes(b"no model at all")
    with pytest.raises(InputError, match="is no binary glTF"):
        Rig(tmp_path / "bad.glb")


def test_a_movement_moves_what_hangs_on_the_bone(tmp_path: Path) -> None:
    write_model(tmp_path / "a.glb")
    model = Rig(tmp_path / "a.glb")
    start, end = model.pose("Nod", 0.0), model.pose("Nod", 1.0)
    head, body = model.meshes[0], model.meshes[2]
    assert np.allclose(model.points(head, start), head.points + np.array([0, 60, 0]))
    assert not np.allclose(model.points(head, end), model.points(head, start), atol=1)
    assert np.allclose(model.points(body, end), body.points)


def test_skin_follows_its_joints(tmp_path: Path) -> None:
    write_model(tmp_path / "a.glb", skinned=True)
    model = Rig(tmp_path / "a.glb")
    pose = model.pose("Nod", 1.0)
    for mesh in model.meshes:
        moved = mesh.points @ pose[1][:3, :3].T + pose[1][:3, 3]
        assert np.allclose(model.points(mesh, pose), moved, atol=1e-5)


def test_what_is_nearer_is_seen() -> None:
    points = np.array(
        [[2, 2, 5], [18, 2, 5], [2, 18, 5], [0, 0, 9], [30, 0, 9], [0, 30, 9]], np.float32
    )
    triangles = np.array([[0, 1, 2], [3, 4, 5]], np.int32)
    normals = np.tile(np.array([0, 0, -1], np.float32), (6, 1))
    seen = see(points, normals, triangles, (20, 20))
    assert seen.face[4, 4] == 0
    assert seen.face[0, 0] == 1
    assert seen.face[19, 19] == -1
    assert seen.depth[4, 4] == pytest.approx(5, abs=1e-3)
    # The triangle covers half of a square of 16.
    assert (seen.face == 0).sum() == pytest.approx(128, abs=17)
    ink = draw_ink(seen, seen.face, 1.0, 2.0, np.zeros((20, 20), bool))
    assert ink[4, 2] == 255 or ink[4, 3] == 255
    assert ink[5, 6] == 0


def test_nothing_is_seen_of_what_is_outside() -> None:
    points = np.array([[-9, -9, 1], [-2, -9, 1], [-9, -2, 1]], np.float32)
    triangles = np.array([[0, 1, 2], [0, 0, 0]], np.int32)
    seen = see(points, np.zeros((3, 3), np.float32), triangles, (6, 7))
    assert seen.face.shape == (6, 7)
    assert (seen.face == -1).all()
