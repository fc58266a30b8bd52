"""The cast of a chapter: which colours its references offer, as a file that a person may edit."""

from __future__ import annotations

import dataclasses
import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mangacolor.batch.events import Listener, Notice
from mangacolor.batch.references import Reference
from mangacolor.errors import InputError, UsageError
from mangacolor.images.groups import RGB, Change, Group, KindsOf, Shade, find_groups, name_of
from mangacolor.images.hexes import color_of, hex_of

__all__ = ["FORMAT", "Cast", "Offer", "check_wishes", "find_cast"]

# Largest distance of colours of two groups, of 255 a channel, that have one name.
_ONE_NAME = 16.0
# Share of a colour that must be of a kind for its name to say so; of the rest nobody knows.
_SAID = 0.3
# Mean of the channels above which skin is pale, and below which it is dark.
_PALE, _DARK = 190.0, 110.0
FORMAT = 1


@dataclasses.dataclass(frozen=True)
class Offer:
    """One reference: its name, the digest of its file, its piece, and its groups, named."""

    file: str
    digest: str
    piece: int
    groups: tuple[tuple[str, Group], ...]


@dataclasses.dataclass(frozen=True)
class Cast:
    """Named colours of references, and which of them are to be others.

    Attributes:
        offers: the references.
        names: (group's name, number of its shade) to the colour's name.
        found: each colour's name to what it is; the same in all groups that have it.
        wanted: name, or group/name, to another colour.
        unknown: colours of its file for names that it does not have: they change nothing, and stay
            in the file.
    """

    offers: tuple[Offer, ...]
    names: Mapping[tuple[str, int], str]
    found: Mapping[str, RGB]
    wanted: Mapping[str, RGB] = dataclasses.field(default_factory=dict)
    unknown: Mapping[str, RGB] = dataclasses.field(default_factory=dict)

    def with_set(self, wishes: Sequence[str]) -> Cast:
        """The same with colours set by `NAME=#rrggbb`, or `GROUP/NAME=#rrggbb`; CSS names do, too.

        Raises:
            UsageError: no colour of the cast has the name, or it is no colour.
        """
        wanted = dict(self.wanted)
        known = {*self.found, *(f"{group}/{name}" for (group, _), name in self.names.items())}
        for wish in wishes:
            name, value = _wish(wish)
            name = _whole_name(name, known)
            if name not in known:
                near = difflib.get_close_matches(name, sorted(known), 3, 0.3)
                likely = f" Is it {' or '.join(near)}?" if near else ""
                raise UsageError(f"The cast has no colour {name!r}.{likely}", "Look at its sheet.")
            wanted[name] = value
        return dataclasses.replace(self, wanted=wanted)

    def keeping(self, earlier: Cast) -> Cast:
        """The same with the changes of an earlier cast.

        Raises:
            InputError: one is of a colour that is not found any more.
        """
        groups = {f"{group}/{name}" for (group, _), name in self.names.items()}
        wanted: dict[str, RGB] = {}
        for name, color in earlier.wanted.items():
            there = name in self.found or name in groups
            if there and earlier.found.get(name) == self.found.get(name):
                wanted[name] = color
                continue
            # A cast of before kinds were known: what had that colour then has other names now.
            same = [own for own, was in self.found.items() if was == earlier.found.get(name)]
            if there or not same:
                raise InputError(
                    f"The cast that is there changes {name}, which these references do not have.",
                    "Give another --out, or take that change out of the file.",
                )
            wanted |= dict.fromkeys(same, color)
        return dataclasses.replace(self, wanted=wanted, unknown=earlier.unknown)

    def dress(self, references: Sequence[Reference], tell: Listener) -> list[Reference]:
        """References in the colours that are wanted.

        Args:
            references: those of a chapter.
            tell: gets a `Notice` of changed colours whose reference is not among them.
        """
        changes = {(offer.digest, offer.piece): self._changes(offer) for offer in self.offers}
        dressed, met = [], set()
        for reference in references:
            key = (reference.sha256, reference.piece)
            met.add(key)
            dressed.append(dataclasses.replace(reference, changes=tuple(changes.get(key, ()))))
        for offer in self.offers:
            key = (offer.digest, offer.piece)
            if changes[key] and key not in met:
                words = f"The cast changes colours of {offer.file}, which is no reference here"
                tell(Notice(f"{words}: nothing of it is changed"))
        return dressed

    def _changes(self, offer: Offer) -> list[Change]:
        found = []
        for group, content in offer.groups:
            for number, shade in enumerate(content.shades):
                name = self.names[group, number]
                new = self.wanted.get(f"{group}/{name}", self.wanted.get(name))
                if new is not None:
                    found.append(Change(shade.points, shade.color, new))
        return found

    def to_json(self) -> str:
        """What `read_cast` reads; `colors` is what is meant to be edited."""
        facts = {
            "mangacolor_cast": FORMAT,
            "colors": {
                **{
                    name: hex_of(self.wanted.get(name, color)) for name, color in self.found.items()
                },
                **{name: hex_of(x) for name, x in self.wanted.items() if name not in self.found},
                **{name: hex_of(x) for name, x in self.unknown.items() if name not in self.found},
            },
            "found": {name: hex_of(color) for name, color in self.found.items()},
            "references": [
                {
                    "file": offer.file,
                    "sha256": offer.digest,
                    "piece": offer.piece,
                    "groups": [self._record(name, group) for name, group in offer.groups],
                }
                for offer in self.offers
            ],
        }
        return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"

    def _record(self, name: str, group: Group) -> dict[str, Any]:
        return {
            "name": name,
            "box": [round(side, 4) for side in group.box],
            "background": group.background,
            "shades": [
                {
                    "name": self.names[name, number],
                    "color": hex_of(shade.color),
                    "share": round(shade.share, 5),
                    "points": [[round(x, 5), round(y, 5)] for x, y in shade.points],
                }
                for number, shade in enumerate(group.shades)
            ],
        }


def check_wishes(wishes: Sequence[str]) -> None:
    """Refuses what `Cast.with_set` would refuse of any cast, before there is one.

    Raises:
        UsageError: it names no colour.
    """
    for wish in wishes:
        _wish(wish)


def _wish(text: str) -> tuple[str, RGB]:
    """`NAME=COLOUR` as a name and a colour."""
    name, _, color = (part.strip() for part in text.partition("="))
    value = color_of(color)
    if value is None:
        raise UsageError(f"{color!r} is no colour.", f"Write --set '{name}=#rrggbb'.")
    return name, value


def find_cast(references: Sequence[Reference], kinds_of: KindsOf | None = None) -> Cast:
    """What references offer, every colour with a name of its own.

    Args:
        references: pictures.
        kinds_of: says what areas are: a colour is called `hair, yellow 1` then, not `yellow 1`.
    """
    offers: list[Offer] = []
    counts: dict[str, int] = {}
    for reference in references:
        named = []
        for group in find_groups(reference.read(), kinds_of):
            kind = "background" if group.background else "group"
            counts[kind] = counts.get(kind, 0) + 1
            named.append((f"{kind} {counts[kind]}", group))
        digest = reference.sha256
        offers.append(Offer(reference.name, digest, reference.piece, tuple(named)))
    shades = {
        (name, number): shade
        for offer in offers
        for name, group in offer.groups
        for number, shade in enumerate(group.shades)
    }
    colors = _joined([shade.color for shade in shades.values()])
    found: dict[str, RGB] = {}
    called: dict[RGB, str] = {}
    for color in dict.fromkeys(colors):
        same = [x for x, own in zip(shades.values(), colors, strict=True) if own == color]
        word = _word(same)
        counts[word] = counts.get(word, 0) + 1
        called[color] = f"{word} {counts[word]}"
        found[called[color]] = color
    names = {key: called[color] for key, color in zip(shades, colors, strict=True)}
    return Cast(tuple(offers), names, found)


def _joined(colors: Sequence[RGB]) -> list[RGB]:
    """Colours, each as the first one that is so close to it that both have one name."""
    met: list[RGB] = []
    found = []
    for color in colors:
        steps = [float(np.linalg.norm(np.subtract(color, other))) for other in met]
        nearest = int(np.argmin(steps)) if steps else -1
        if nearest < 0 or steps[nearest] > _ONE_NAME:
            met.append(color)
        found.append(met[nearest] if nearest >= 0 and steps[nearest] <= _ONE_NAME else color)
    return found


def _word(shades: Sequence[Shade]) -> str:
    """What a colour is called, and before it what most of it is: `hair, yellow`, `skin, pale`."""
    shares: dict[str, float] = {}
    for shade in shades:
        shares[shade.kind] = shares.get(shade.kind, 0.0) + shade.share
    total = sum(shares.values())
    said = {kind: share for kind, share in shares.items() if kind and share >= _SAID * total}
    kind = max(said, key=said.__getitem__, default="")
    color = shades[0].color
    if kind == "skin":
        # Nobody calls a face pale grey.
        light = sum(color) / 3
        return "skin, " + ("pale" if light > _PALE else "dark" if light < _DARK else "tan")
    return f"{kind}, {name_of(color)}" if kind else name_of(color)


def _whole_name(name: str, known: set[str]) -> str:
    """The colour that is meant by a name without its kind, if it is one."""
    if name in known:
        return name
    group, slash, own = name.rpartition("/")
    meant = [x for x in known if x.startswith(group + slash) and x.endswith(f", {own}")]
    meant = [x for x in meant if x.rpartition("/")[0] == group]
    return meant[0] if len(meant) == 1 else name
