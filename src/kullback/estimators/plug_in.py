"""Observed frequencies in the place of probabilities, with the delta method's error, and Miller's bias correction.

Source:
    G. A. Miller, "Note on the bias of information estimates" (1955), for the correction (K−1)/(2n);
    A. Antos and I. Kontoyiannis, "Convergence properties of functional estimates for discrete distributions",
    Random Structures & Algorithms 19 (2001), for the plug-in and its bias.
"""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace

from kullback.distributions import Categorical, Tally
from kullback.estimate import Estimate
from kullback.estimators.functional import Functional, Sensitivity, seen


def plug_in(functional: Functional, *arguments: Categorical | Tally) -> Estimate:
    """T(p̂), p̂_k = n_k / n.

    Args:
        functional: the measure T.
        arguments: P, or P and Q, **(B…, K)**, at least one of them a Tally.

    Returns:
        The value **(B…)** in nats with its std_error √(Var_p̂(T')/(n−1) + spread/n²). The first term is 0 where T' is
        flat (for the entropy: at uniform counts), the second, the variance of the quadratic term, is not.
    """
    return _estimate(functional, arguments, correct=False)


def miller_madow(functional: Functional, *arguments: Categorical | Tally) -> Estimate:
    """T(p̂) − bias/n: for the entropy, Ĥ + (K−1)/(2n) with K the number of outcomes that were seen.

    Args:
        functional: the measure T.
        arguments: P, or P and Q, **(B…, K)**, at least one of them a Tally.

    Returns:
        The value **(B…)** in nats with the std_error of `plug_in`. A divergence of 0 comes out on either side of 0.
    """
    return _estimate(functional, arguments, correct=True)


def _estimate(functional: Functional, arguments: tuple[Categorical | Tally, ...], *, correct: bool) -> Estimate:
    known = tuple(d.frequencies if isinstance(d, Tally) else d for d in arguments)
    value = functional.value(*known)
    sensitivities = functional.sensitivities(*(d.p for d in known))
    sampled = [(d, s) for d, s in zip(arguments, sensitivities, strict=True) if isinstance(d, Tally)]
    std_error = _std_error(value, sampled)
    corrections = [s.bias / d.n for d, s in sampled if correct and s.corrected and s.bias is not None]
    corrected = value - sum(corrections)
    doubts = [*_few(sampled), *_unseen(value, sampled), *_left_biased(std_error, sampled)]
    return Estimate(
        corrected,
        method=_method(sampled, corrected=bool(corrections)),
        std_error=std_error,
        reliable=not doubts,
        notes=(*doubts, *_remarks(corrected, sampled)),
        n=_count(sampled[0][0]),
    )


_Sampled = list[tuple[Tally, Sensitivity]]


def _std_error(value: Any, sampled: _Sampled) -> Any:
    """√(Σ Var(T')/(n−1) + (Σ √spread/n)²): for two samples the quadratic terms are correlated, fully so where P = Q.

    0 where the value is infinite: an outcome was observed whose probability under Q is 0, whatever else is drawn.
    """
    xp: Any = array_namespace(value)
    linear = sum(_variance(d.frequencies.p, s.slope, d.n) for d, s in sampled)
    quadratic = sum(s.spread**0.5 / d.n for d, s in sampled)
    return xp.where(xp.isfinite(value), (linear + quadratic**2) ** 0.5, 0.0)


def _variance(p: Any, slope: Any, n: Any) -> Any:
    """Var_p(slope) / (n − 1); infinite for one observation, which has no spread."""
    xp: Any = array_namespace(p, slope)
    d = xp.where((p > 0) & xp.isfinite(slope), slope, 0.0)
    mean = xp.sum(p * d, axis=-1, keepdims=True)
    more = n > 1
    return xp.where(more, xp.sum(p * (d - mean) ** 2, axis=-1) / xp.where(more, n - 1, 1.0), xp.inf)


def _few(sampled: _Sampled) -> list[str]:
    """Doubt asymptotics below five observations per outcome, Cochran's rule for χ² (Biometrics 10, 1954)."""
    notes: list[str] = []
    for d, s in sampled:
        xp: Any = array_namespace(d.counts)
        if bool(xp.any(d.n == 1)):
            notes.append("one observation has no spread: its std_error is infinite")
        elif s.bias is not None and bool(xp.any(d.n < 5 * seen(d.counts))):
            notes.append("fewer than 5 observations for each outcome seen: bias may exceed the std_error")
    return notes


def _unseen(value: Any, sampled: _Sampled) -> list[str]:
    """Doubt an infinity that is owed to a sample of Q being finite."""
    xp: Any = array_namespace(value)
    from_sample = any(not s.corrected for _, s in sampled)
    infinite = from_sample and not bool(xp.all(xp.isfinite(value)))
    return (
        ["infinite because the sample of q lacks an outcome that p has; more draws of q may show it"]
        if infinite
        else []
    )


def _left_biased(std_error: Any, sampled: _Sampled) -> list[str]:
    """Doubt the error where the bias that the frequencies of Q leave is no longer small beside it."""
    xp: Any = array_namespace(std_error)
    large = any(bool(xp.any(2 * s.bias / d.n > std_error)) for d, s in sampled if not s.corrected)
    return ["q was sampled too: that biases the value upward by more than half its std_error"] if large else []


def _remarks(value: Any, sampled: _Sampled) -> list[str]:
    xp: Any = array_namespace(value)
    notes: list[str] = []
    if any(not s.corrected for _, s in sampled):
        notes.append("q is taken as its observed frequencies; std_error counts its sampling, the value does not")
    if bool(xp.any(value < 0)):
        notes.append("below 0 by the bias correction: not to be told from 0; method='plug-in' is never below 0")
    if _count(sampled[0][0]) is None:
        notes.append("the rows have different numbers of observations")
    return notes


def _method(sampled: _Sampled, *, corrected: bool) -> str:
    if corrected:
        return "plug-in, Miller–Madow"
    mean = len(sampled) == 1 and sampled[0][0].from_sample and sampled[0][1].bias is None
    return "sample mean" if mean else "plug-in"


def _count(d: Tally) -> int | None:
    """The number of observations, None where the rows differ."""
    xp: Any = array_namespace(d.counts)
    if 0 in d.n.shape or bool(xp.any(d.n != xp.max(d.n))):
        return None
    return int(xp.max(d.n))
