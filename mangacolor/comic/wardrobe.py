"""Which folders of models hold figures, and which of a character's parts their pieces are."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from mangacolor.errors import InputError

__all__ = ["Costume", "find_figures"]


@dataclasses.dataclass(frozen=True)
class Costume:
    """A model of a figure.

    Attributes:
        path: of its .glb.
        kind: of `CREDITS`.
        head: the bone that its head hangs on.
        large: how much larger than made its head may be drawn, least and most.
        unused: movements that have one of these words in their names lie or are no pose.
    """

    path: Path
    kind: str
    head: str
    large: tuple[float, float]
    unused: tuple[str, ...] = ("Death", "Lie", "T-Pose")

    @property
    def credit(self) -> str:
        """Whose the model is."""
        return CREDITS[self.kind]

    def part(self, node: str, paint: str) -> str | None:
        """The part, of `characters.PARTS`, that a piece is; None for what is held in a hand."""
        if self.kind == "people":
            return PEOPLE.get(paint, "pattern")
        name = self.path.stem.removesuffix("_Hooded")
        place = node.removeprefix(name + "_").removesuffix("_Hooded")
        place = place.removesuffix("Left").removesuffix("Right")
        if place not in REST:
            return None
        hooded = self.path.stem.endswith("_Hooded") and place == "Head" and paint == "cell 9"
        return "hat" if hooded else ADVENTURERS[name].get(place, {}).get(paint, REST[place])


def find_figures(folder: Path) -> list[Costume]:
    """Figures below a folder that is laid out as the packs are.

    Args:
        folder: with `kaykit/*.glb` (KayKit Adventurers) and `quaternius/people/Smooth_*.glb`
            (LowPoly models by Quaternius), or one of them.

    Raises:
        InputError: there is none.
    """
    adventurers = [
        Costume(path, "adventurers", "head", (0.8, 1.1))
        for path in sorted((folder / "kaykit").glob("*.glb"))
        if path.stem.removesuffix("_Hooded") in ADVENTURERS
    ]
    people = [
        Costume(path, "people", "Head", (1.2, 1.8))
        for path in sorted((folder / "quaternius" / "people").glob("Smooth_*.glb"))
    ]
    if not adventurers + people:
        raise InputError(
            f"{folder} has no figures: no kaykit/*.glb and no quaternius/people/Smooth_*.glb.",
            "Name the folder that has `kaykit` or `quaternius` in it.",
        )
    return adventurers + people


CREDITS = {
    "adventurers": "KayKit Adventurers Character Pack 1.0 by Kay Lousberg (CC0)",
    "people": "LowPoly models by Quaternius (CC0)",
}
PEOPLE = {
    "Shirt": "top",
    "Shirt2": "undershirt",
    "Dress": "top",
    "Jacket": "coat",
    "LightJacket": "trim",
    "Details": "undershirt",
    "TieTexture": "accent",
    "Skin": "skin",
    "Pants": "bottom",
    "Shoes": "shoes",
    "Socks": "legs",
    "Hair": "hair",
    "HairBase": "hair",
    "Hair2": "hair tips",
    "Eyebrows": "hair",
    "Eyes": "iris",
}


def _cells(**numbers: str) -> dict[str, str]:
    """Cells of the palette that each part is painted from."""
    return {f"cell {n}": part for part, ns in numbers.items() for n in ns.split()}


HEAD = _cells(skin="0", hair="1", iris="2")
LEG = _cells(skin="0", bottom="15", shoes="19", trim="6")
# What is painted from any other cell.
REST = {
    "Head": "accent",
    "Hat": "hat",
    "Helmet": "hat",
    "Cape": "coat",
    "Body": "accent",
    "Arm": "accent",
    "Leg": "accent",
}
ADVENTURERS: dict[str, dict[str, dict[str, str]]] = {
    "Mage": {
        "Head": HEAD,
        "Hat": _cells(pattern="5", accent="3"),
        "Body": _cells(top="8", bottom="15", pattern="5", trim="4", prop="18", undershirt="16"),
        "Arm": _cells(top="8", trim="4", skin="23"),
        "Leg": LEG,
    },
    "Rogue": {
        "Head": HEAD,
        "Body": _cells(top="8", bottom="15", coat="9", trim="6", undershirt="5"),
        "Arm": _cells(top="8", coat="9", trim="21", undershirt="5"),
        "Leg": LEG,
    },
    "Knight": {
        "Head": HEAD,
        "Helmet": _cells(accent="7"),
        "Body": _cells(top="3", bottom="15", coat="8", trim="6", pattern="7", undershirt="9 10"),
        "Arm": _cells(top="3", undershirt="4", trim="6", pattern="7"),
        "Leg": LEG | _cells(top="3", pattern="7"),
    },
    "Barbarian": {
        "Head": HEAD,
        "Hat": _cells(accent="2", trim="10"),
        "Body": _cells(top="8", bottom="15", coat="7", trim="6"),
        "Arm": _cells(top="9", coat="23", trim="6"),
        "Leg": LEG,
    },
}
