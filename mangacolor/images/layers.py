"""A coloured page taken apart into the layers that a colourist works with."""

from __future__ import annotations

import dataclasses
from typing import Literal

import cv2
import numpy as np

from mangacolor.images.areas import Labels, area_colors
from mangacolor.images.geometry import UInt8

__all__ = ["Blend", "Layer", "to_layers"]

Blend = Literal["normal", "multiply", "screen"]

# Rows that are taken apart at a time: memory for what is in between does not grow with the page.
_BAND = 256
# What an area's colour and the ink alone give is near enough to the page up to so many levels.
_NEAR = 1
_WHITE = 255


@dataclasses.dataclass(frozen=True)
class Layer:
    """One layer of a picture.

    Attributes:
        name: what painting programs show.
        picture: uint8 (H, W, 3) sRGB, or (H, W, 4) with alpha.
        blend: how it is laid on those below.
    """

    name: str
    picture: UInt8
    blend: Blend = "normal"


def to_layers(page: UInt8, colored: UInt8, areas: Labels) -> list[Layer]:
    """Takes a coloured page apart: laid on each other, the layers are that page within two levels.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper: the page before it was coloured.
        colored: uint8 (H, W, 3) sRGB.
        areas: int32 (h, w), of `find_areas`, the same view at any size.

    Returns:
        From the bottom: `paper`, white; `flats`, each area in one colour and with hard edges, and
        nothing where it is white; `light` (screen) and `shade` (multiply), what makes these the
        page but for its ink, in most places nothing; `ink` (multiply), page and screentone.
    """
    height, width = page.shape
    ink = np.empty_like(page)
    under = np.empty_like(colored)
    for top in range(0, height, _BAND):
        rows = slice(top, top + _BAND)
        # A tone in colour is brighter than its grey in some channels: ink must not be darker.
        ink[rows] = np.maximum(page[rows], _brightest(colored[rows]))
        under[rows] = _quotient(colored[rows], _three(ink[rows]))
    palette = _palette(areas, ink, under)
    flats = np.empty((height, width, 4), np.uint8)
    light, shade = np.empty_like(colored), np.empty_like(colored)
    columns = (np.arange(width) * 2 + 1) * areas.shape[1] // (2 * width)
    for top in range(0, height, _BAND):
        rows = slice(top, min(top + _BAND, height))
        at = (np.arange(rows.start, rows.stop) * 2 + 1) * areas.shape[0] // (2 * height)
        flats[rows] = palette[areas[at[:, None], columns]]
        flat = np.ascontiguousarray(flats[rows, :, :3])
        light[rows], shade[rows] = _rest(flat, under[rows], ink[rows], colored[rows])
    return [
        Layer("paper", np.full_like(colored, _WHITE)),
        Layer("flats", flats),
        Layer("light", light, "screen"),
        Layer("shade", shade, "multiply"),
        Layer("ink", _three(ink), "multiply"),
    ]


def _palette(areas: Labels, ink: UInt8, under: UInt8) -> UInt8:
    """A colour an area, and whether it is any: uint8 (areas.max() + 1, 4)."""
    # Pixels as they are: what is mixed on the way down is a colour of neither side of a line.
    size = areas.shape[::-1]
    small_ink, small = (
        np.asarray(cv2.resize(x, size, interpolation=cv2.INTER_NEAREST), np.uint8)
        for x in (ink, under)
    )
    colors = area_colors(areas, small_ink, small)
    # What is white is paper.
    alpha = np.where(colors.min(axis=1) >= _WHITE - _NEAR, 0, _WHITE)
    colors[alpha == 0] = _WHITE
    return np.insert(colors, 3, alpha, axis=1).astype(np.uint8)


def _rest(flat: UInt8, under: UInt8, ink: UInt8, colored: UInt8) -> tuple[UInt8, UInt8]:
    """What is screened on flats, and what they are multiplied by, to be the page under its ink."""
    plain = cv2.multiply(flat, _three(ink), scale=1 / _WHITE)
    off = _brightest(np.asarray(cv2.absdiff(plain, colored), np.uint8)) > _NEAR
    wanted = flat.copy()
    cv2.copyTo(under, off.view(np.uint8), wanted)
    brighter = np.asarray(cv2.max(wanted, flat), np.uint8)
    light = _WHITE - _quotient(_WHITE - brighter, _WHITE - flat)
    light *= brighter != flat
    dark = np.asarray(cv2.multiply(_WHITE - flat, _WHITE - light, scale=1 / _WHITE), np.uint8)
    lit = _WHITE - dark
    shade = _quotient(wanted, lit)
    np.putmask(shade, wanted >= lit, _WHITE)
    return light, shade


def _quotient(above: UInt8, below: UInt8) -> UInt8:
    """The factor of 255 that one picture is multiplied by to be another; 0 of what is 0."""
    return np.asarray(cv2.divide(above, below, scale=_WHITE), np.uint8)


def _brightest(picture: UInt8) -> UInt8:
    """The brightest of each pixel's channels, uint8 (H, W)."""
    red, green, blue = cv2.split(picture)
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)


def _three(grey: UInt8) -> UInt8:
    return np.asarray(cv2.merge([grey] * 3), np.uint8)
