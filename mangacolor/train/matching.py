"""What the matcher learns from: a view in ink, views in colour, and which areas are the same."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from mangacolor.images.shades import to_shares
from mangacolor.nets.matcher import Areas, Matcher
from mangacolor.runtime.votes import SHARPNESS

__all__ = [
    "Accuracy",
    "Described",
    "Matching",
    "capped",
    "choose_views",
    "guess_loss",
    "looks_loss",
    "match",
    "match_loss",
    "to_matching",
]

# Labels below are paper, balloons and lettering.
_FIRST_PART = 16
# An area of which less than this is one part teaches nothing.
_PURE = 0.6
# Largest difference of two colours that are the same, of 255.
_SAME_COLOR = 24.0
# What is brighter in all channels, or darker, is the colour of paper or ink.
_WHITE, _BLACK = 232.0, 40.0
# Share of the chosen references among which is the cover, share of those with a whole page or two,
# and the numbers of further panels of the others.
_COVER, _PAGES = 0.75, 0.3
# Share among which is the page itself in colour: what is shown is to be found.
_ITSELF = 0.15
# Share of the chosen references among which are other panels of the page itself, in ink, as batch
# takes those that are coloured already.
_OWN = 0.25
_VIEWS = (0, 0, 1, 2, 3, 5)
# Areas of a view in ink, of a cover and of a panel in colour that a step looks at.
_MOST, _MOST_COVER, _MOST_PANEL = 56, 72, 40


class Described(NamedTuple):
    """A view's areas with what is known of them.

    Attributes:
        features: float (K, sum(CHANNELS)).
        facts: float (K, FACTS).
        sizes: float (K,), pixels.
        labels: int (K,), which part of whom; below 16 it is paper or lettering, and below 0
            nobody knows, so that colours must tell.
        shares: float (K,), how much of the area that is.
        colors: float (K, 3), sRGB 0 ... 255.
        page: number of its page, 0 the cover.
        colored: whether it is a reference.
        looks: float (K, L), how they are compared without the matcher; None where that is not
            taught.
    """

    features: Tensor
    facts: Tensor
    sizes: Tensor
    labels: Tensor
    shares: Tensor
    colors: Tensor
    page: int
    colored: bool
    looks: Tensor | None = None


class Matching(NamedTuple):
    """A batch.

    Attributes:
        page: N views in ink.
        references: M views in colour, of all samples.
        owner: int (M,), whose each of them is.
        same: bool (N, K, T), which areas of the references are the same part.
        alike: bool (N, K, T), which have the same colour.
        weight: float (N, K), how much each area counts; 0 where nothing is known.
        sizes: float (N, K), pixels.
        place: int (N, T), where in the flattened (M, K') areas each of a sample's T areas is.
        there: bool (N, T).
        colors: float (N, K, 3), sRGB 0 ... 255, what the areas of the pages have.
        plain: bool (N,), whether the references of a sample have the colours that they had.
        shades: float (N, T, 3), what the areas of the references have, as they were.
        cosines: float (N, K, sum of all T), how much areas look like those of the references of
            all samples, one sample's behind the other's; None where that is not taught.
    """

    page: Areas
    references: Areas
    owner: Tensor
    same: Tensor
    alike: Tensor
    weight: Tensor
    sizes: Tensor
    place: Tensor
    there: Tensor
    colors: Tensor
    plain: Tensor
    shades: Tensor
    cosines: Tensor | None = None


def capped(view: Described, most: int, random: Random) -> Described:
    """The view with so many areas at most: the largest half, and some of the others."""
    count = len(view.sizes)
    if count <= most:
        return view
    rest = random.sample(range(most // 2, count), most - most // 2)
    kept = torch.tensor([*range(most // 2), *sorted(rest)])
    features, facts, sizes, labels, shares, colors = (x[kept] for x in view[:6])
    looks = None if view.looks is None else view.looks[kept]
    return Described(features, facts, sizes, labels, shares, colors, view.page, view.colored, looks)


def choose_views(
    series: Sequence[Described], random: Random, most: int = 1
) -> tuple[list[int], list[int]]:
    """Views in ink of one page, and the views that they are coloured after.

    Args:
        series: what is known of it.
        random: chooses.
        most: so many views in ink, if the page has them.
    """
    page = random.choice([view.page for view in series if not view.colored])
    targets = [i for i, view in enumerate(series) if not view.colored and view.page == page]
    others = [i for i, view in enumerate(series) if view.colored and view.page != page]
    covers = [i for i in others if series[i].page == 0]
    panels = [i for i in others if series[i].page != 0]
    chosen = covers if not panels or random.random() < _COVER else []
    if panels and random.random() < _PAGES:
        pages = sorted({series[i].page for i in panels})
        given = random.sample(pages, min(len(pages), random.choice((1, 1, 2))))
        chosen = chosen + [i for i in panels if series[i].page in given]
    else:
        count = random.choice(_VIEWS)
        count = min(len(panels), count if chosen else max(1, count))
        chosen = chosen + random.sample(panels, count)
    taken = random.sample(targets, min(len(targets), most))
    if random.random() < _ITSELF:
        chosen = chosen + [i for i, view in enumerate(series) if view.colored and view.page == page]
    # Of a page whose parts are not known, several views may be one panel.
    if random.random() < _OWN and all((series[i].labels >= 0).all() for i in targets):
        own = [i for i in targets if i not in taken]
        chosen = chosen + random.sample(own, min(len(own), random.choice((1, 2, 3))))
    return taken, chosen


def cut_down(view: Described, random: Random) -> Described:
    """The view with as many areas as a step looks at."""
    if not view.colored:
        return capped(view, _MOST, random)
    return capped(view, _MOST_PANEL if view.page else _MOST_COVER, random)


def to_matching(
    samples: Sequence[tuple[Described, Sequence[Described]]], random: Random, recolored: float = 0.5
) -> Matching:
    """Puts samples into one batch.

    Args:
        samples: a view in ink, and its references.
        random: chooses.
        recolored: share of samples whose colours are exchanged, in all of a sample alike.
    """
    references = [view for _, chosen in samples for view in chosen]
    owner = torch.tensor([i for i, (_, chosen) in enumerate(samples) for _ in chosen])
    mixed = [_mixed(random, recolored) for _ in samples]
    colors = [view.colors[:, mixed[int(i)]] for view, i in zip(references, owner, strict=True)]
    page = _stack([view for view, _ in samples])
    seen = _stack(references)._replace(colors=_pad(colors) / 127.5 - 1)
    most = seen.there.shape[1]
    place, labels, shades = [], [], []
    for i in range(len(samples)):
        mine = torch.cat(
            [m * most + torch.arange(len(references[m].sizes)) for m in torch.where(owner == i)[0]]
        )
        place.append(mine)
        kept = [references[int(m)] for m in torch.where(owner == i)[0]]
        known = [torch.where(v.shares >= _PURE, v.labels, -1) for v in kept]
        labels.append(torch.cat(known))
        shades.append(torch.cat([v.colors for v in kept]))
    there = pad_sequence([torch.ones(len(x), dtype=torch.bool) for x in place], batch_first=True)
    label = pad_sequence(labels, batch_first=True, padding_value=-2)
    shade = _pad(shades)
    own = pad_sequence([v.labels for v, _ in samples], batch_first=True)
    pure = _pad([v.shares for v, _ in samples]) >= _PURE
    sizes = _pad([v.sizes for v, _ in samples])
    ours = _pad([v.colors for v, _ in samples])
    alike = (torch.cdist(ours, shade) <= _SAME_COLOR) & there[:, None]
    told = (own < 0) & _is_told(ours)
    part = ((own >= _FIRST_PART) | told) & pure
    same = torch.where(told[:, :, None], alike, own[:, :, None] == label[:, None])
    same = same & part[:, :, None]
    # Of paper and lettering it is enough to know that it is nobody.
    weight = sizes.sqrt() * torch.where(part, 1.0, 0.1) * (pure & (sizes > 0))
    plain = torch.tensor([channels == [0, 1, 2] for channels in mixed])
    places = pad_sequence(place, batch_first=True)
    cosines = _cosines([view for view, _ in samples], references)
    return Matching(
        page, seen, owner, same, alike, weight, sizes, places, there, ours, plain, shade, cosines
    )


def _cosines(pages: Sequence[Described], references: Sequence[Described]) -> Tensor | None:
    """How much the areas of pages look like those of all references, which are in order."""
    theirs = [view.looks for view in references]
    ours = [view.looks for view in pages]
    if any(looks is None for looks in (*ours, *theirs)):
        return None
    return _pad(ours) @ torch.cat(theirs).T  # type: ignore[arg-type]


def _is_told(colors: Tensor) -> Tensor:
    """Whether a colour says what a thing is: neither white nor black, which everything may be."""
    return (colors.amin(dim=2) < _WHITE) & (colors.amax(dim=2) > _BLACK)


def _mixed(random: Random, share: float) -> list[int]:
    return random.sample(range(3), 3) if random.random() < share else [0, 1, 2]


def _pad(values: Sequence[Tensor]) -> Tensor:
    return pad_sequence([value.float() for value in values], batch_first=True)


def _stack(views: Sequence[Described]) -> Areas:
    there = [torch.ones(len(view.sizes), dtype=torch.bool) for view in views]
    return Areas(
        _pad([view.features for view in views]),
        _pad([view.facts for view in views]),
        pad_sequence(there, batch_first=True),
    )


def match(matcher: Matcher, batch: Matching) -> tuple[Tensor, ...]:
    """Every area of the pages against every area of its references.

    Returns:
        scores: float (N, K, T + 1).
        guesses: float (N, K, len(shades())); only of a matcher that guesses.
    """
    tokens = matcher.read_references(batch.references).flatten(0, 1)
    return matcher(batch.page, tokens[batch.place], batch.there)


def match_loss(scores: Tensor, batch: Matching) -> Tensor:
    """Cross-entropy with all areas of the same part as right answers, or "none" if there is none.

    Areas of another part in the same colour are neither right nor wrong.
    """
    known = batch.same.any(dim=2)
    right = torch.cat([batch.same, ~known[..., None]], dim=2)
    # What looks the same in colour is left out of the sum over wrong answers.
    excused = F.pad(batch.alike & ~batch.same, (0, 1))
    scores = scores.masked_fill(excused, -1e4)
    log_right = scores.masked_fill(~right, -1e4).logsumexp(2)
    loss = scores.logsumexp(2) - log_right
    weight = batch.weight * torch.where(known, 1.0, 0.3)
    return (loss * weight).sum() / weight.sum()


def looks_loss(batch: Matching) -> Tensor:
    """The same of cosines, by colour: areas alike in colour or of the same part are right.

    What of other samples' references has that colour, by chance, is neither right nor wrong. Areas
    that nothing shows teach nothing.
    """
    assert batch.cosines is not None
    scores = batch.cosines / SHARPNESS
    count = [int(there.sum()) for there in batch.there]
    first = [sum(count[:i]) for i in range(len(count))]
    right = torch.zeros_like(scores, dtype=torch.bool)
    for i, (start, many) in enumerate(zip(first, count, strict=True)):
        right[i, :, start : start + many] = (batch.same | batch.alike)[i, :, :many]
    shades = torch.cat([c[t] for c, t in zip(batch.shades, batch.there, strict=True)])
    excused = (torch.cdist(batch.colors, shades[None]) <= _SAME_COLOR) & ~right
    scores = scores.masked_fill(excused, -1e4)
    loss = scores.logsumexp(2) - scores.masked_fill(~right, -1e4).logsumexp(2)
    weight = batch.weight * right.any(dim=2)
    return (loss * weight).sum() / weight.sum().clamp(min=1e-6)


def guess_loss(guesses: Tensor, batch: Matching) -> Tensor:
    """Cross-entropy of guesses, float (N, K, len(shades())), with the colours that areas have.

    Samples whose colours were exchanged teach no colour.
    """
    # Only what is one thing has a weight, paper, which is to be white, as well.
    weight = batch.sizes.sqrt() * (batch.weight > 0) * batch.plain[:, None]
    wanted = torch.from_numpy(to_shares(batch.colors.flatten(0, 1).cpu().numpy()))
    shares = wanted.to(guesses.device).view_as(guesses)
    loss = -(shares * guesses.log_softmax(dim=2)).sum(dim=2)
    return (loss * weight).sum() / weight.sum().clamp(min=1)


class Accuracy(NamedTuple):
    """Shares of the area of parts that the references show.

    Attributes:
        part: whose best-scored area is the same part.
        color: whose has the same colour or is the same part.
    """

    part: float
    color: float

    @classmethod
    def of(cls, scores: Tensor, batch: Matching) -> Accuracy:
        best = scores[..., :-1].argmax(dim=2, keepdim=True)
        counted = batch.sizes * batch.same.any(dim=2)
        part = batch.same.gather(2, best)[..., 0]
        color = part | batch.alike.gather(2, best)[..., 0]
        total = counted.sum()
        return cls(float((part * counted).sum() / total), float((color * counted).sum() / total))
