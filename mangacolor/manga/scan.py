"""What printing, scanning and storing do to a page, as the last thing that happens to it."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mangacolor.manga.fields import Field, Grey, smooth_noise

__all__ = ["Scan", "make_scan", "scan_page"]

# Noise is drawn once for a square of this side and laid beside itself.
TILE = 256


@dataclasses.dataclass(frozen=True)
class Scan:
    """How a volume is scanned and stored.

    Attributes:
        scaled: size at which it was stored in between, 1 none; screens get moire from it.
        blur: deviation, pixels.
        black, white: grey of ink and of paper, 0 to 1.
        light: how much darker one side of a page is, 0 to 1.
        spine: width of the spine's shadow, share of the width, 0 none.
        through: how much of the other side is seen, 0 to 1.
        noise: deviation, 0 to 1.
        bits: 1 if each place is black or white, else 8.
        quality: of JPEG, 0 none.
    """

    scaled: float
    blur: float
    black: float
    white: float
    light: float
    spine: float
    through: float
    noise: float
    bits: int
    quality: int


def make_scan(rng: np.random.Generator) -> Scan:
    """Draws lots for a scan: from clean ones, which are most, to bad ones."""
    bad = rng.random() ** 2

    def some(share: float, low: float, high: float) -> float:
        return rng.uniform(low, high) if rng.random() < share else 0.0

    bits = 1 if rng.random() < 0.08 else 8
    return Scan(
        # Black and white alone is what a page is scanned as, not what it is scaled in.
        scaled=(some(0.25, 0.5, 0.9) or 1.0) if bits > 1 else 1.0,
        blur=some(0.7, 0.25, 0.5 + 0.6 * bad),
        black=some(0.5, 0, 0.25 * bad),
        white=1 - some(0.6, 0, 0.25 * bad),
        light=some(0.3, 0, 0.2 * bad),
        spine=some(0.15, 0.02, 0.12),
        through=some(0.1, 0.01, 0.06),
        noise=some(0.6, 0.003, 0.01 + 0.03 * bad),
        bits=bits,
        quality=round(some(0.7, 95 - 65 * bad, 96)),
    )


def scan_page(page: Grey, scan: Scan, rng: np.random.Generator) -> Grey:
    """Scans a page.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper.
        scan: how.
        rng: source of randomness.

    Returns:
        uint8 (H, W).
    """
    grey: NDArray[Any] = page
    if scan.scaled < 1:
        h, w = page.shape
        size = max(1, round(w * scan.scaled)), max(1, round(h * scan.scaled))
        small = cv2.resize(grey, size, interpolation=cv2.INTER_LINEAR)
        grey = cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR)
    if scan.blur:
        grey = cv2.GaussianBlur(grey, (0, 0), scan.blur)
    if scan.bits == 1:
        grain = grey.astype(np.float32) + 255 * scan.noise * _noise(page.shape, rng)
        return np.where(grain > rng.uniform(100, 160), 255, 0).astype(np.uint8)
    if scan != dataclasses.replace(CLEAN, scaled=scan.scaled, blur=scan.blur, quality=scan.quality):
        grey = _lit(grey, scan, rng)
    if scan.quality:
        stored = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, scan.quality])[1]
        grey = np.asarray(cv2.imdecode(stored, cv2.IMREAD_GRAYSCALE))
    return np.asarray(grey, np.uint8)


CLEAN = Scan(1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 8, 0)


def _lit(grey: Grey, scan: Scan, rng: np.random.Generator) -> Grey:
    """Ink and paper as they reflect light, with noise."""
    h, w = grey.shape
    out = grey.astype(np.float32)
    if scan.through:
        behind = cv2.GaussianBlur(grey[:, ::-1], (0, 0), 2.0)
        out -= np.float32(scan.through) * (255 - behind.astype(np.float32))
    out *= np.float32(scan.white - scan.black)
    out += np.float32(255 * scan.black)
    if scan.light or scan.spine:
        out *= _lighting(h, w, scan, rng)
    if scan.noise:
        out += np.float32(255 * scan.noise) * _noise((h, w), rng)
    return np.clip(out + np.float32(0.5), 0, 255).astype(np.uint8)


def _lighting(h: int, w: int, scan: Scan, rng: np.random.Generator) -> Field:
    x = np.arange(w, dtype=np.float32) / w
    across = np.ones(w, np.float32)
    if scan.spine:
        # Paper bends down towards the spine, at the left or at the right.
        away = x if rng.random() < 0.5 else 1 - x
        across -= np.float32(rng.uniform(0.2, 0.7)) * np.exp(-away / np.float32(scan.spine))
    if not scan.light:
        return np.broadcast_to(across, (h, w))
    low = smooth_noise((16, 16), rng, 12)
    field = cv2.resize(low, (w, h), interpolation=cv2.INTER_LINEAR)
    return (1 - np.float32(scan.light) * np.clip(field + 0.5, 0, 2) * 0.5).astype(
        np.float32
    ) * across


def _noise(shape: tuple[int, ...], rng: np.random.Generator) -> Field:
    h, w = shape
    tile = rng.standard_normal((TILE, TILE), dtype=np.float32)
    if rng.random() < 0.5:
        tile = cv2.GaussianBlur(tile, (0, 0), 0.7) * np.float32(2)
    return np.tile(tile, (math.ceil(h / TILE), math.ceil(w / TILE)))[:h, :w]
