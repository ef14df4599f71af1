"""The cross-entropy of a language model's head, from hidden states: the N × V logits never exist."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from kullback.losses.cross_entropy import check_options, target_of
from kullback.losses.linear_token_statistics import ELEMENTS, check_head
from kullback.losses.operators.arrays import array_of, computed_in
from kullback.losses.operators.softmax_cross_entropy import Target, arrays_of, by_loops, of_torch
from kullback.losses.rows import Reduction, reduction_of
from kullback.losses.targets import Options, unit_of


def linear_cross_entropy(
    input: Tensor,  # noqa: A002 (torch's name)
    linear_weight: Tensor,
    target: Tensor | None = None,
    *,
    linear_bias: Tensor | None = None,
    labels: Tensor | None = None,
    label_weight: Tensor | None = None,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    reduction: Reduction = "mean",
    z_loss: float = 0.0,
    normalizer: float | Tensor | None = None,
) -> Tensor:
    """H(P, Q) of hidden states and a head as a loss: P = target, Q = softmax(input) after `linear_weight`.

    `cross_entropy` of the logits input · linear_weightᵀ + linear_bias, in chunks of rows.
    A chunk's logits are computed, their gradient is written over them, and both its products are taken before the next
    chunk. Chunks are chosen by tokens, 256 at least, which keep a matrix product busy. The gradient of the head is
    added up in float32, or float64 if `input` is, and rounded once.

    Args:
        input: hidden states **(N, D)**.
        linear_weight: the head **(V, D)**, of the same dtype.
        target: as of `cross_entropy` for logits **(N, V)**: labels **(N,)**, or probabilities **(N, V)**.
        linear_bias: **(V,)**, or None.
        labels: k labels per input in the place of `target`, **(N, k)**.
        label_weight: of the labels **(N, k)**.
        weight: of the classes **(V,)**.
        ignore_index: the label that stands for a missing one.
        label_smoothing: ε in [0, 1].
        reduction: `"mean"`, `"sum"` or `"none"`.
        z_loss: factor of the squared log-sum-exp.
        normalizer: what the mean divides the sum by.

    Returns:
        The loss in nats, **()** or **(N,)**, float32, or float64 if `input` is: adding up in half precision loses most
        of a loss.

    Raises:
        UnsupportedError: if `input`, `linear_weight` or `linear_bias` is not floating point, or labels are not
            integers.
        InputError: if shapes, dtypes or options do not fit, or a label is not in 0 … V−1; then it is an IndexError,
            too.

    Example:
        >>> linear_cross_entropy(torch.eye(2), torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor(0.4100)

    Source:
        E. Wijmans et al., "Cut Your Losses in Large-Vocabulary Language Models" (2025); P.-L. Hsu et al., "Liger
        Kernel" (2024), for chunks whose gradient takes the place of their logits.
    """
    reduction_of(reduction)
    check_head(input, linear_weight, linear_bias)
    like = input.new_empty(1).expand(input.shape[0], len(linear_weight))
    check_options(like, weight, label_smoothing, z_loss)
    b, count = target_of(like, like, target, labels, label_weight, Options(weight, ignore_index, label_smoothing))
    unit = unit_of(count, reduction, normalizer)
    arguments = (input, linear_weight, linear_bias, b, z_loss, unit, reduction != "none")
    return _LinearCrossEntropy.apply(*arguments)  # pyright: ignore[reportReturnType]  # apply is untyped


class _LinearCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, w: Tensor, bias: Tensor | None, *arguments: Any) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]  # torch's own is (*args)
        """Take hidden states, head, bias, a Target, z, unit and whether to add up."""
        b, z, unit, added = arguments
        wanted = [bool(need) for need in ctx.needs_input_grad[:3]]
        now = added and any(wanted)
        losses, gradients = _in_chunks(x, w, bias, (b, z, unit), wanted if now else [False] * 3)
        ctx.save_for_backward(x, w, *([] if bias is None else [bias]), unit, *b[:1], *b[2:])
        ctx.options = (b.ignore_index, z, added, wanted)
        ctx.gradients = gradients if now else None
        return (losses.sum() * unit[0] if added else losses).to(computed_in(x.dtype))

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]  # torch's own is (*args)
        """Hand out what forward made, once; make it again otherwise."""
        x, w, *rest = ctx.saved_tensors
        ignore_index, z, added, wanted = ctx.options
        bias = rest.pop(0) if len(rest) == 7 else None
        unit, labels, *others = rest
        b = Target(labels, ignore_index, *others)
        nothing = (None,) * 4
        each = upstream * unit[0] if added else upstream
        if torch.is_grad_enabled():  # create_graph=True
            return *_differentiable(x, w, bias, (b, z, each), wanted), *nothing
        gradients, ctx.gradients = ctx.gradients, None
        if gradients is None:
            gradients = _in_chunks(x, w, bias, (b, z, each.reshape(-1).double()), wanted)[1]
        elif upstream.item() != 1:
            gradients = [None if g is None else g.mul_(upstream.to(g.dtype)) for g in gradients]
        return *gradients, *nothing


def _in_chunks(
    x: Tensor, w: Tensor, bias: Tensor | None, loss: tuple[Target, float, Tensor], wanted: list[bool]
) -> tuple[Tensor, list[Tensor | None]]:
    """Losses **(N,)**, and the gradients by x, w and bias that are wanted, `unit` **(1,)** or **(N,)** times."""
    b, z, unit = loss
    N, rows = len(x), max(ELEMENTS // len(w), 256)
    wide = computed_in(x.dtype)
    losses: list[Tensor] = []
    of_x = torch.empty_like(x) if wanted[0] else None
    of_w = torch.zeros_like(w, dtype=wide) if wanted[1] else None
    of_bias = torch.zeros(len(w), dtype=wide, device=w.device) if wanted[2] else None
    buffer = x.new_empty((min(rows, N), len(w)))
    for i in range(0, N, rows):
        part = slice(i, i + rows)
        logits = torch.mm(x[part], w.T, out=buffer[: len(x[part])])
        if bias is not None:
            logits += bias
        u = unit if len(unit) == 1 else unit[part]
        losses.append(_with_gradient(logits, _rows(b, part), z, u, write=any(wanted)))
        if of_x is not None:
            torch.mm(logits, w, out=of_x[part])
        if of_w is not None:
            if logits.dtype == wide:
                of_w.addmm_(logits.T, x[part])
            else:
                of_w += torch.mm(logits.T, x[part])
        if of_bias is not None:
            of_bias += logits.sum(0, dtype=wide)
    gradients = [of_x, None if of_w is None else of_w.to(w.dtype), None if of_bias is None else of_bias.to(w.dtype)]
    return torch.cat(losses) if losses else x.new_zeros(0, dtype=wide), gradients


def _rows(b: Target, part: slice) -> Target:
    """The target of some rows."""
    return b._replace(labels=b.labels[part], weights=b.weights[part], share=b.share[part], rows=b.rows[part])


def _with_gradient(logits: Tensor, b: Target, z: float, unit: Tensor, *, write: bool) -> Tensor:
    """The losses of a chunk; its gradient is written over the logits."""
    if by_loops(logits, b):
        from kullback.kernels.cpu.softmax_cross_entropy import softmax_cross_entropy

        loop: Any = softmax_cross_entropy
        arrays = arrays_of(logits, b)
        loss, _ = loop(*arrays, z, unit=array_of(unit.double()), out=arrays[0] if write else None)
        return torch.from_numpy(loss)
    with torch.enable_grad():
        leaf = logits.detach().clone().requires_grad_(write)
        loss = of_torch(leaf, *b, z)
        if write:
            logits.copy_(torch.autograd.grad(loss, leaf, unit.to(loss.dtype).expand(len(loss)))[0])
    return loss.detach()


def _differentiable(
    x: Tensor, w: Tensor, bias: Tensor | None, loss: tuple[Target, float, Tensor], wanted: list[bool]
) -> list[Tensor | None]:
    """The gradients with a graph, through torch's own operations."""
    b, z, each = loss
    losses = of_torch(torch.nn.functional.linear(x, w, bias), *b, z)
    leaves = [t for t, want in zip((x, w, bias), wanted, strict=True) if want and t is not None]
    found = iter(torch.autograd.grad(losses, leaves, each.to(losses.dtype).expand(len(losses)), create_graph=True))
    return [next(found) if want else None for want in wanted]
