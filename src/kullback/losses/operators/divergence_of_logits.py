"""Divergences between the softmax of two arrays of logits as operators of torch: values and gradient in one pass.

On the CPU they are the kernels of `kernels/cpu`, elsewhere the same formulas in torch. A backward pass multiplies the
gradient that the forward pass made; one that is itself to be differentiated goes through torch's own operations.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from kullback.kernels import reference
from kullback.losses.operators.arrays import array_of, computed_in, tensor_of

LIBRARY = torch.library.Library("kullback", "FRAGMENT")
LIBRARY.define(
    "kl_divergence_of_logits(Tensor input, Tensor target, float temperature, bool gradient) -> (Tensor, Tensor)"
)
LIBRARY.define(
    "jensen_shannon_of_logits(Tensor input, Tensor target, float temperature, float weight, bool gradient) "
    "-> (Tensor, Tensor)"
)


def kl_divergence_of_logits(input: Tensor, target: Tensor, temperature: float) -> Tensor:  # noqa: A002 (torch's name)
    """KL(P‖Q), P = softmax(target / T) constant, Q = softmax(input / T).

    Args:
        input: logits **(N, K)**, floating point.
        target: logits **(N, K)**, floating point.
        temperature: T > 0.

    Returns:
        Divergences in nats, **(N,)**, float32, or float64 if `input` is.
    """
    return _KLDivergence.apply(input, _alike(target, input), temperature, _wanted(input))  # pyright: ignore[reportReturnType]  # apply is untyped


def jensen_shannon_of_logits(input: Tensor, target: Tensor, temperature: float, weight: float) -> Tensor:  # noqa: A002 (torch's name)
    """w KL(P‖M) + (1−w) KL(Q‖M), M = w P + (1−w) Q, P = softmax(target / T) constant, Q = softmax(input / T).

    Args:
        input: logits **(N, K)**, floating point.
        target: logits **(N, K)**, floating point.
        temperature: T > 0.
        weight: w between 0 and 1, neither included.

    Returns:
        Divergences in nats, **(N,)**, float32, or float64 if `input` is.
    """
    return _JensenShannon.apply(input, _alike(target, input), temperature, weight, _wanted(input))  # pyright: ignore[reportReturnType]  # apply is untyped


def _wanted(x: Tensor) -> bool:
    return x.requires_grad and torch.is_grad_enabled()


def _alike(target: Tensor, x: Tensor) -> Tensor:
    """The target, constant, of a type that loops take beside that of x."""
    target = target.detach()
    return target.to(x.dtype) if torch.float64 in (x.dtype, target.dtype) else target


class _KLDivergence(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, target: Tensor, temperature: float, wanted: bool) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]  # torch's own is (*args)
        values, gradient = torch.ops.kullback.kl_divergence_of_logits(x, target, temperature, wanted)
        ctx.save_for_backward(x, target, gradient)
        ctx.temperature = temperature
        return values

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]  # torch's own is (*args)
        x, target, gradient = ctx.saved_tensors
        if torch.is_grad_enabled():  # create_graph=True
            gradient = _kl_slope(x, target, ctx.temperature)
        return (gradient * upstream[:, None]).to(x.dtype), None, None, None


class _JensenShannon(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, target: Tensor, temperature: float, weight: float, wanted: bool) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]  # torch's own is (*args)  # noqa: PLR0917 (torch hands them over so)
        values, gradient = torch.ops.kullback.jensen_shannon_of_logits(x, target, temperature, weight, wanted)
        ctx.save_for_backward(x, target, gradient)
        ctx.options = (temperature, weight)
        return values

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]  # torch's own is (*args)
        x, target, gradient = ctx.saved_tensors
        if torch.is_grad_enabled():  # create_graph=True
            gradient = _js_slope(x, target, *ctx.options)
        return (gradient * upstream[:, None]).to(x.dtype), None, None, None, None


def _logs(x: Tensor, target: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """log Q and log P."""
    dtype = computed_in(x.dtype)
    return torch.log_softmax(x.to(dtype) / temperature, -1), torch.log_softmax(target.to(dtype) / temperature, -1)


def _kl_slope(x: Tensor, target: Tensor, temperature: float) -> Tensor:
    log_q, log_p = _logs(x, target, temperature)
    return (log_q.exp() - log_p.exp()) / temperature


def _log_m(log_q: Tensor, log_p: Tensor, weight: float) -> Tensor:
    return torch.logaddexp(log_p + math.log(weight), log_q + math.log1p(-weight))


def _js_slope(x: Tensor, target: Tensor, temperature: float, weight: float) -> Tensor:
    log_q, log_p = _logs(x, target, temperature)
    q = log_q.exp()
    safe = torch.where(q == 0, 0.0, log_q)  # nan stays
    a = torch.where(q == 0, 0.0, safe - _log_m(safe, log_p, weight))
    return (1.0 - weight) / temperature * q * (a - (q * a).sum(-1, keepdim=True))


def _kl_of_torch(x: Tensor, target: Tensor, temperature: float, gradient: bool) -> tuple[Tensor, Tensor]:
    log_q, log_p = _logs(x, target, temperature)
    values = reference.kl_divergence_of_logs(log_p, log_q)
    values = torch.where(((log_q == -torch.inf) & (log_p > -torch.inf)).any(-1), torch.inf, values)
    values = torch.where(log_p.isnan().any(-1), torch.nan, values)
    return values, _kl_slope(x, target, temperature).to(x.dtype) if gradient else x.new_empty((0, x.shape[1]))


def _js_of_torch(x: Tensor, target: Tensor, temperature: float, weight: float, gradient: bool) -> tuple[Tensor, Tensor]:
    log_q, log_p = _logs(x, target, temperature)
    log_m = _log_m(log_q, log_p, weight)
    of_p, of_q = (reference.kl_divergence_of_logs(log, log_m) for log in (log_p, log_q))
    slope = _js_slope(x, target, temperature, weight).to(x.dtype) if gradient else x.new_empty((0, x.shape[1]))
    return weight * of_p + (1.0 - weight) * of_q, slope


def _kl_of_numba(x: Tensor, target: Tensor, temperature: float, gradient: bool) -> tuple[Tensor, Tensor]:
    from kullback.kernels.cpu.divergence_of_logits import kl_divergence_of_logits as loop

    values, slope = loop(array_of(x), array_of(target), temperature, gradient=gradient)
    return torch.from_numpy(values).to(computed_in(x.dtype)), tensor_of(slope, x.dtype)


def _js_of_numba(x: Tensor, target: Tensor, temperature: float, weight: float, gradient: bool) -> tuple[Tensor, Tensor]:
    from kullback.kernels.cpu.divergence_of_logits import jensen_shannon_of_logits as loop

    values, slope = loop(array_of(x), array_of(target), temperature, weight, gradient=gradient)
    return torch.from_numpy(values).to(computed_in(x.dtype)), tensor_of(slope, x.dtype)


def _shapes(x: Tensor, target: Tensor, *options: Any) -> tuple[Tensor, Tensor]:
    """What comes out, for torch.compile; the last option is whether there is a gradient."""
    del target
    N, K = x.shape
    return x.new_empty((N,), dtype=computed_in(x.dtype)), x.new_empty((N if options[-1] else 0, K))


OPERATORS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "kl_divergence_of_logits": (_kl_of_numba, _kl_of_torch),
    "jensen_shannon_of_logits": (_js_of_numba, _js_of_torch),
}
"""What runs on the CPU, and elsewhere."""

for name, (on_cpu, elsewhere) in OPERATORS.items():
    LIBRARY.impl(name, on_cpu, "CPU")
    LIBRARY.impl(name, elsewhere, "CompositeExplicitAutograd")
    torch.library.register_fake(f"kullback::{name}", _shapes, lib=LIBRARY)
