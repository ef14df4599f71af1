"""What stands beside a density, or beside draws of one: each pair that makes sense, and why the others do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kullback.distributions import Categorical, Density, Draws, Sample, Tally
from kullback.distributions.density import Points
from kullback.errors import UnsupportedError
from kullback.inputs.arrays import is_tensor
from kullback.inputs.draws import from_draws

if TYPE_CHECKING:
    from kullback.inputs.door import Distribution

_MOST_OUTCOMES = 2**20


def beside_density(p: Any, q: Any, first: Distribution, second: Distribution) -> tuple[Distribution, Distribution]:
    """Bring P and Q together where at least one is a Density.

    Args:
        p: the truth as the user holds it.
        q: the model as the user holds it.
        first: the truth as it was taken.
        second: the model as it was taken.

    Returns:
        Two Densities; Draws and a Density; or a Tally and probabilities over the same outcomes.

    Raises:
        UnsupportedError: if the pair has no measure that can be estimated.
    """
    if isinstance(first, Density):
        if isinstance(second, Density):
            return first, second
        if isinstance(second, Categorical):
            return first, _table(second, first)
        return _model_from_sample(p, first, second)
    if not isinstance(second, Density):
        raise AssertionError("one of them is a Density")
    if isinstance(first, Categorical):
        return _table(first, second), second
    if isinstance(p, Sample) and (not second.support.discrete or second.event_shape):
        return _drawn(p, second)
    return _counted(first, second)


def both_drawn(p: Any, q: Any, first: Distribution, second: Distribution) -> tuple[Draws, Draws]:
    """Bring P and Q together where at least one is Draws and none a Density.

    Args:
        p: the truth as the user holds it.
        q: the model as the user holds it.
        first: the truth as it was taken.
        second: the model as it was taken.

    Returns:
        Draws both.

    Raises:
        UnsupportedError: if the other is not a Sample, or vectors stand beside numbers.
    """
    for x, name, other in ((p, "p", "q"), (q, "q", "p")):
        if not isinstance(x, Sample) or x.alphabet is not None:
            raise UnsupportedError(
                f"{name} has probabilities of outcomes where {other} is draws of a density, expected both of one kind; "
                f"outcomes? kb.Sample({other}, alphabet=[...])"
            )
    a, b = (d if isinstance(d, Draws) else from_draws(x, n) for d, x, n in ((first, p, "p"), (second, q, "q")))
    if a.event_shape != b.event_shape:
        raise UnsupportedError(
            f"q has observations of shape {b.event_shape} where p has {a.event_shape}, expected one shape; "
            f"x[:, None] makes vectors of numbers"
        )
    return a, b


def _table(row: Categorical, density: Density) -> Density:
    """Probabilities of 0 … K−1 as a distribution beside another."""
    import torch

    from kullback.distributions.foreign import TorchDensity

    log_p = row.log_p
    tensor = log_p if is_tensor(log_p) else torch.as_tensor(np.asarray(log_p))
    table = torch.distributions.Categorical(logits=tensor, validate_args=False)
    return TorchDensity(table, in_torch=is_tensor(log_p), name=f"probabilities beside {density.name}")


def _drawn(p: Sample, q: Density) -> tuple[Draws, Density]:
    draws = from_draws(p, "p")
    if draws.event_shape != q.event_shape:
        raise UnsupportedError(
            f"p has observations of shape {draws.event_shape} where q ({q.name}) has outcomes of shape "
            f"{q.event_shape}, expected one shape; x.reshape({('n', *q.event_shape)})".replace("'n'", "n")
        )
    return draws, q


def _counted(p: Distribution, q: Density) -> tuple[Tally, Categorical]:
    """Counts beside probabilities of whole numbers: one more outcome, not seen, holds the rest of Q."""
    import torch

    if not isinstance(p, Tally):
        raise UnsupportedError(
            f"p has draws of a density where q ({q.name}) has probabilities of whole numbers, expected both of one "
            f"kind; whole numbers? kb.Sample(x, continuous=False)"
        )
    if not q.support.discrete or q.event_shape:
        raise UnsupportedError(
            f"p has counts of outcomes where q ({q.name}) has a density, expected both of one kind; "
            f"pass the observations, kb.Sample(x)"
        )
    outcomes = _numbers(p, q)
    shaped = outcomes.reshape(-1, *(1,) * len(q.batch_shape)).expand(-1, *q.batch_shape)
    log_q = torch.movedim(q.log_prob(Points(shaped)), 0, -1)
    rest = 1 - log_q.exp().sum(-1, keepdim=True)
    log_rest = torch.where(rest > 1e-15, torch.log(torch.where(rest > 1e-15, rest, 1.0)), -torch.inf)
    counts = torch.as_tensor(p.counts, dtype=torch.float64)
    counts = torch.cat([counts, torch.zeros_like(counts[..., :1])], -1)
    row = torch.cat([log_q, log_rest], -1)
    if not q.in_torch and not is_tensor(p.counts):
        return Tally(counts.numpy(), None, p.inferred, p.from_sample), Categorical(row.numpy(), is_log=True)
    return Tally(counts, None, p.inferred, p.from_sample), Categorical(row, is_log=True)


def _numbers(p: Tally, q: Density) -> Any:
    """The outcomes of a tally as numbers."""
    import torch

    outcomes: Any = range(p.counts.shape[-1]) if p.outcomes is None else p.outcomes
    try:
        return torch.tensor([float(x) for x in outcomes], dtype=torch.float64)
    except (TypeError, ValueError) as error:
        raise UnsupportedError(
            f"p holds the outcome {outcomes[0]!r} where q ({q.name}) has whole numbers, expected numbers; "
            f"map them first"
        ) from error


def _model_from_sample(p: Any, first: Density, second: Distribution) -> tuple[Categorical, Tally]:
    """A known P beside counts or a sample of Q: only over finitely many outcomes."""
    import torch

    values = first.values(_MOST_OUTCOMES) if first.support.discrete and not first.event_shape else None
    if values is None or not isinstance(second, Tally):
        raise UnsupportedError(
            f"q is a sample where p ({first.name}) is a distribution over infinitely many outcomes, expected a q "
            f"that has a density; draw from p, kb.Sample(p.sample((10000,)))"
        )
    del p
    size = max(len(values), second.counts.shape[-1] if second.outcomes is None else 0)
    outcomes = (
        list(range(size)) if second.outcomes is None else sorted({*values.tolist(), *_numbers(second, first).tolist()})
    )
    x = torch.tensor([float(k) for k in outcomes], dtype=torch.float64)
    shaped = x.reshape(-1, *(1,) * len(first.batch_shape)).expand(-1, *first.batch_shape)
    log_p = torch.movedim(first.log_prob(Points(shaped)), 0, -1)
    known = dict(zip(_numbers(second, first).tolist(), range(second.counts.shape[-1]), strict=True))
    counts = torch.as_tensor(second.counts, dtype=torch.float64)
    zero = torch.zeros_like(counts[..., 0])
    columns = [counts[..., known[float(k)]] if float(k) in known else zero for k in outcomes]
    return Categorical(log_p, is_log=True), Tally(torch.stack(columns, -1), None, second.inferred, second.from_sample)
