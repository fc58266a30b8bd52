"""Made-up talk and the noises of comics, in Latin and in Japanese letters."""

# Full-width marks are what Japanese has.
# ruff: noqa: RUF001

from __future__ import annotations

import numpy as np

__all__ = ["UPRIGHT", "japanese_noise", "japanese_talk", "latin_noise", "latin_talk"]

CRIES = "OH NO YES HEY WHAT WAIT HUH WOW AH STOP RUN LOOK PLEASE WHY HMM GO I A THE AND YOU"
# Few enough syllables that no rude word comes out.
ONSETS = "B D H J K L M N P R S T V W Y Z ST TR"
NUCLEI = ["A", "E", "I", "O", "U", "EA", "OO"]
CODAS = ["", "", "N", "R", "S", "L", "ND"]
NOISES = "BAM CRASH WHAM POW THUD SPLASH BOOM SNAP CLICK WHOOSH KRAK ZAP RUMBLE GASP SLAM"

# By how often they occur in talk, roughly.
HIRAGANA = (
    "いいいんんんのののしししたたたてとととにになななはかかがもだだでれるるう"
    "おこそっすまよらりをきくけさちつねみめやゆよわあえ"
)
KATAKANA = "アイウエオカキクケコサシスセソタチツテトナニノハヒフマミムメモラリルレロン"
KANJI = (
    "人私何今日本年出会時間見行来言思知手目心気力生死友達家父母子女男先学校大"
    "小中上下前後話声名夢空海山花火水光影戦"
)
CLOSES = ["。", "！", "？", "…", "！？", "", ""]
DIN = (
    "ドン ドドド バン ゴゴゴ ザワ ガシャ シーン ドキ ワー バキ ズーン キャー ガタ ハッ ダダダ ビシ"
)
# How marks stand in columns. Fonts have these forms as characters of their own.
UPRIGHT = str.maketrans({"ー": "︱", "…": "︙", "、": "︑", "。": "︒"})


def latin_talk(rng: np.random.Generator) -> list[str]:
    """A sentence of 1 to 12 words, most of them made up."""
    words = [_word(rng) for _ in range(int(rng.integers(1, 13)))]
    words[-1] += str(rng.choice([".", "!", "?", "...", "?!"]))
    if rng.random() < 0.25:
        words = [word.lower() for word in words]
        words[0] = words[0].capitalize()
    return words


def _word(rng: np.random.Generator) -> str:
    if rng.random() < 0.4:
        return _one_of(CRIES, rng)
    syllables = 1 if rng.random() < 0.6 else 2
    syllable = (ONSETS.split(), NUCLEI, CODAS)
    return "".join(str(rng.choice(part)) for _ in range(syllables) for part in syllable)


def _one_of(words: str, rng: np.random.Generator) -> str:
    return str(rng.choice(words.split()))


def latin_noise(rng: np.random.Generator) -> str:
    """A noise, perhaps drawn out."""
    noise = _one_of(NOISES, rng)
    if rng.random() < 0.3:
        at = int(rng.integers(1, len(noise)))
        noise = noise[:at] + noise[at] * int(rng.integers(1, 4)) + noise[at:]
    return noise + str(rng.choice(["", "", "!", "!!"]))


def japanese_talk(rng: np.random.Generator) -> str:
    """A line of 2 to 24 made-up letters, in the mixture that Japanese has."""
    letters = ""
    length = int(rng.integers(2, 25))
    while len(letters) < length:
        kind = rng.random()
        if kind < 0.3:
            letters += _some(rng, KANJI, 1, 2)
        elif kind < 0.4:
            letters += _some(rng, KATAKANA, 2, 4)
        letters += _some(rng, HIRAGANA, 1, 4)
        if rng.random() < 0.1:
            letters += "、"
    return letters[:length].rstrip("、") + str(rng.choice(CLOSES))


def _some(rng: np.random.Generator, letters: str, least: int, most: int) -> str:
    chosen = rng.integers(0, len(letters), size=int(rng.integers(least, most + 1)))
    return "".join(letters[i] for i in chosen)


def japanese_noise(rng: np.random.Generator) -> str:
    """A noise in katakana."""
    return _one_of(DIN, rng) + str(rng.choice(["", "", "ッ", "！"]))
