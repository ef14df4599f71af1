"""E_P[score] ≈ 1/n Σ_i score(x_i), x_i ∼ P.

Source:
    J. Schulman, "Approximating KL Divergence" (2020), joschu.net/blog/kl-approx.html, for the control variate.
"""

from __future__ import annotations

import dataclasses
import time

import torch
from torch import Tensor

from kullback.distributions.foreign.drawing import seeds
from kullback.distributions.support import outside
from kullback.estimate import Estimate
from kullback.estimators.monte_carlo.drawing import Scores, draw_scores
from kullback.estimators.monte_carlo.nets import net_mean
from kullback.estimators.monte_carlo.progress import steps
from kullback.estimators.problem import Problem
from kullback.estimators.tail_index import any_heavy

_RTOL, _ATOL = 1e-3, 1e-4
_MOST = 2**20
_PILOT = 4096
_CHUNK = 2**14
_MARGIN = 1.1
_FEW = 100


def monte_carlo(problem: Problem) -> Estimate | None:
    """E_P[score] ≈ 1/n Σ_i score(x_i), x_i ∼ P, with its standard error.

    A pilot of 4,096 draws says how many are needed for `rtol` and `atol`, and which control variate c (q/p − 1) lowers
    the error of a KL divergence most; c is 0 where q/p has a heavy tail or Q has mass outside the support of P.
    Components of a mixture are drawn from in proportion. Normals and their images in up to 12 dimensions use scrambled
    Sobol nets.

    Args:
        problem: P that can be drawn from, and Q.

    Returns:
        The Estimate **(B…)** in nats; `reliable` is False where the scores have so heavy a tail that the standard error
        cannot be believed.
    """
    problem = dataclasses.replace(problem, p=problem.p.expand(problem.batch_shape))
    how = problem.how
    rtol, atol, most = how.targets(_RTOL, _ATOL, _MOST)
    first, second, third = seeds(how.rng, 3)
    began = time.perf_counter()
    with torch.no_grad():
        pilot = draw_scores(problem, min(_PILOT, most), first)
    seconds = (time.perf_counter() - began) / min(_PILOT, most)
    heavy = _heavy(pilot)
    if not heavy:
        net = net_mean(_reseeded(problem, third), rtol, atol, most)
        if net is not None:
            return net
    control = _control(problem, pilot)
    n = _needed(pilot, control, rtol, atol, most)
    scores = _draw(problem, n, second, seconds)
    heavy = heavy if n < _PILOT * 4 else False
    return _answer(problem, scores, control, heavy=heavy or _heavy(scores), wanted=(rtol, atol))


def _reseeded(problem: Problem, seed: int | None) -> Problem:
    return dataclasses.replace(problem, how=dataclasses.replace(problem.how, rng=seed))


def _heavy(scores: list[Scores]) -> bool:
    return any(any_heavy(part.score.detach().numpy()) for part in scores)


def _control(problem: Problem, pilot: list[Scores]) -> Tensor | None:
    """c of score − c (q/p − 1), by regression on the pilot, **(B…)**; None where it would not help or not be right."""
    if problem.measure != "kl_divergence" or problem.q is None or len(pilot) > 1:
        return None
    if pilot[0].log_ratio is None or outside(problem.q.support, problem.p.support) is not None:
        return None
    if problem.p.support.discrete:  # the tail index of a ratio with ties cannot be told
        return None
    ratio = torch.exp(pilot[0].log_ratio)
    if any_heavy(ratio.numpy()):
        return None
    score = pilot[0].score
    centred = ratio - ratio.mean(0)
    variance = (centred**2).mean(0)
    covariance = (centred * (score - score.mean(0))).mean(0)
    return torch.where(variance > 0, covariance / torch.where(variance > 0, variance, 1.0), 0.0)


def _needed(pilot: list[Scores], control: Tensor | None, rtol: float, atol: float, most: int) -> int:
    """n for which the standard error is below the target in every element, with a margin."""
    value, std_error = _mean(_controlled(pilot, control))
    target = torch.clamp(rtol * value.abs(), min=atol)
    ratio = float((std_error / torch.where(target > 0, target, 1e-300)).nan_to_num(1e9).max())
    if not ratio < 1e6:  # also of one draw, which has no spread
        return most
    n = sum(len(part.score) for part in pilot) * _MARGIN * ratio**2
    return int(min(max(n, _PILOT), most))


def _draw(problem: Problem, n: int, rng: int | None, seconds: float) -> list[Scores]:
    """n draws in chunks, one list of Scores a stratum."""
    sizes = [min(_CHUNK, n - i) for i in range(0, n, _CHUNK)]
    chunks = [
        draw_scores(problem, size, seed)
        for size, seed in zip(steps(sizes, seconds * n), seeds(rng, len(sizes)), strict=True)
    ]
    return [
        Scores(
            parts[0].weight,
            torch.cat([part.score for part in parts]),
            None if parts[0].log_ratio is None else torch.cat([p.log_ratio for p in parts if p.log_ratio is not None]),
        )
        for parts in zip(*chunks, strict=True)
    ]


def _controlled(scores: list[Scores], control: Tensor | None) -> list[Scores]:
    if control is None:
        return scores
    return [
        dataclasses.replace(part, score=part.score - control * torch.expm1(part.log_ratio))
        for part in scores
        if part.log_ratio is not None
    ]


def _mean(scores: list[Scores]) -> tuple[Tensor, Tensor]:
    """Σ_k w_k mean_k and √(Σ_k w_k² s_k²/n_k)."""
    value = torch.stack([part.weight * part.score.mean(0) for part in scores]).sum(0)
    variances = [part.weight**2 * _variance(part.score.detach()) / len(part.score) for part in scores]
    return value, torch.stack(variances).sum(0).sqrt()


def _variance(x: Tensor) -> Tensor:
    """The sample variance, +inf of a single draw."""
    return x.var(0) if len(x) > 1 else torch.full_like(x[0], torch.inf)


def _misplaced(problem: Problem, scores: list[Scores]) -> bool:
    """Whether log p was infinite at a draw: of an entropy every infinite score tells, of a KL divergence −inf."""
    if problem.measure == "entropy":
        return any(bool(part.score.isinf().any()) for part in scores)
    return problem.measure == "kl_divergence" and any(bool((part.score == -torch.inf).any()) for part in scores)


def _answer(
    problem: Problem, scores: list[Scores], control: Tensor | None, *, heavy: bool, wanted: tuple[float, float]
) -> Estimate:
    value, std_error = _mean(_controlled(scores, control))
    std_error = torch.where(torch.isinf(value.detach()), 0.0, std_error)
    n = sum(len(part.score) for part in scores)
    notes: list[str] = []
    if n < _FEW:
        notes.append(f"fewer than {_FEW} draws: the std_error is itself uncertain")
    if not problem.p.draws_follow:
        notes.append(f"torch's draws of {problem.p.name} do not follow its own density")
    misplaced = _misplaced(problem, scores)
    if misplaced:
        notes.append("some draws of p were rounded to a point where its density is 0 or infinite")
    if heavy:
        notes.append("heavy tail of the scores: the std_error may be far too small")
    target = torch.clamp(wanted[0] * value.detach().abs(), min=wanted[1])
    if bool((std_error > 1.2 * target).any()) and n >= (problem.how.max_evals or _MOST):
        notes.append("max_evals was reached before the std_error was as small as asked for")
    parts = ["monte carlo"]
    if len(scores) > 1:
        parts.append("stratified")
    if control is not None:
        parts.append("control variate")
    reliable = not heavy and not misplaced and n >= _FEW and problem.p.draws_follow
    return Estimate(value, method=", ".join(parts), std_error=std_error, reliable=reliable, notes=tuple(notes), n=n)
