"""Softmax cross-entropy as operators of torch, over the loops of `kernels/cpu`.

Where the losses are added up, the gradient is made while the logits are in the cache, and the backward pass hands it
out. Any other backward pass makes it again; one that is itself to be differentiated goes through torch's own
operations.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from kullback.errors import InputError
from kullback.losses.operators.arrays import array_of, computed_in, place_for, tensor_of

SMALL = 1 << 15
"""Logits up to which torch's own operations take less time."""

NARROW = 32
"""Classes up to which they do, however many rows there are, unless there is one label for each."""


class LabelOutOfRange(InputError, IndexError):  # noqa: N818 (the name says what was found)
    """A label is not one of the classes."""


class Target(NamedTuple):
    """Weights of the classes: b_ic = Σ_j v_ij [c = y_ij] + t_i s_c, or rows b as they are."""

    labels: Tensor
    """y, classes **(N, k)**, integers; k may be 0."""
    ignore_index: int
    """The label that stands for a missing one."""
    weights: Tensor
    """v, of the labels **(N, k)**, or **(N, 0)**: 1 each."""
    shared: Tensor
    """s, of the classes, for all rows **(K,)**, or **(0,)**."""
    share: Tensor
    """t, how much of them a row has **(N,)**, or **(0,)**."""
    rows: Tensor
    """b **(N, K)**, with k = 0 and nothing shared, or **(0, K)**."""


LIBRARY = torch.library.Library("kullback", "FRAGMENT")
TARGET = "Tensor labels, int ignore_index, Tensor weights, Tensor shared, Tensor share, Tensor rows"
"""A `Target` in the schema of an operator."""
LIBRARY.define(
    f"softmax_cross_entropy(Tensor input, {TARGET}, float z, Tensor unit, bool gradient) -> (Tensor, Tensor)",
    tags=(torch.Tag.pt2_compliant_tag,),
)
LIBRARY.define(
    f"softmax_cross_entropy_backward(Tensor input, {TARGET}, float z, Tensor upstream) -> Tensor",
    tags=(torch.Tag.pt2_compliant_tag,),
)


def softmax_cross_entropy(input: Tensor, target: Target, z: float) -> Tensor:  # noqa: A002 (torch's name)
    """Σ_c b_ic (λ_i − x_ic) + z λ_i² of every row, λ_i = log Σ_c exp x_ic.

    Args:
        input: logits **(N, K)**, floating point.
        target: the weights b.
        z: factor of the squared log-sum-exp.

    Returns:
        Losses in nats, **(N,)**, 0 where all labels are missing; float64 on the CPU.
    """
    if not by_loops(input, target):
        return of_torch(input, *target, z)
    return _SoftmaxCrossEntropy.apply(input, *target, z, _one(input), False, False)  # pyright: ignore[reportReturnType]  # apply is untyped


def sum_of_softmax_cross_entropy(input: Tensor, target: Target, z: float, unit: Tensor) -> Tensor:  # noqa: A002 (torch's name)
    """`unit` times the sum of the losses.

    Args:
        input: logits **(N, K)**, floating point.
        target: the weights b.
        z: factor of the squared log-sum-exp.
        unit: **(1,)**.

    Returns:
        **()**.
    """
    if not by_loops(input, target):
        return of_torch(input, *target, z).sum() * unit[0]
    # a half of float16 times 1/N would often be 0, before whoever scales losses has scaled it
    now = input.requires_grad and torch.is_grad_enabled() and input.dtype != torch.float16
    fused = now and not torch.compiler.is_compiling()
    return _SoftmaxCrossEntropy.apply(input, *target, z, unit.double(), True, fused)  # pyright: ignore[reportReturnType]  # apply is untyped


def by_loops(x: Tensor, target: Target) -> bool:
    """Whether the loops are for these logits: on the CPU, many, of many classes, under no transform of torch.func."""
    one = target.labels.shape[1] == 1 and not (target.weights.shape[1] or target.shared.shape[0])
    few = x.numel() < SMALL or (x.shape[1] < NARROW and not one)
    if x.device.type != "cpu" or few or target.rows.requires_grad:
        return False
    return torch.compiler.is_compiling() or not torch._C._are_functorch_transforms_active()  # pyright: ignore[reportPrivateUsage]  # there is no public way to ask


def of_torch(  # noqa: PLR0917 (as the operator takes them)
    x: Tensor,
    labels: Tensor,
    ignore_index: int,
    weights: Tensor,
    shared: Tensor,
    share: Tensor,
    rows: Tensor,
    z: float,
) -> Tensor:
    """The losses **(N,)** by torch's own operations, differentiable as often as one likes."""
    x = x.to(computed_in(x.dtype))
    log_q = torch.log_softmax(x, -1)
    impossible = log_q == -torch.inf  # 0 · log 0 is 0
    if rows.shape[0]:
        loss, held = -(rows * torch.where((rows == 0) & impossible, 0.0, log_q)).sum(-1), None
    else:
        given = labels != ignore_index
        held = given.any(-1)
        y = torch.where(given, labels, 0).long()
        surprisal = -log_q.gather(1, y)
        if weights.shape[1]:
            surprisal = weights * torch.where((weights == 0) & impossible.gather(1, y), 0.0, surprisal)
        loss = torch.where(given, surprisal, 0.0).sum(-1)
        if shared.shape[0]:
            smooth = -(shared * torch.where((shared == 0) & impossible, 0.0, log_q)).sum(-1)
            loss = loss + torch.where(held, share * smooth, 0.0)
    if z:
        square = z * torch.logsumexp(x, -1).square()
        loss = loss + (square if held is None else torch.where(held, square, 0.0))
    return loss


class _SoftmaxCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, *arguments: Any) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]  # torch's own is (*args)
        """Take x, a Target, z, unit, whether to add up, whether to make the gradient."""
        labels, ignore_index, weights, shared, share, rows, z, unit, added, fused = arguments
        loss, gradient = torch.ops.kullback.softmax_cross_entropy(
            x, labels, ignore_index, weights, shared, share, rows, z, unit, fused
        )
        ctx.save_for_backward(x, labels, weights, shared, share, rows, unit)
        ctx.options = (ignore_index, z, added)
        ctx.gradient = gradient if fused else None
        return loss.sum() * unit[0] if added else loss

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]  # torch's own is (*args)
        x, labels, weights, shared, share, rows, unit = ctx.saved_tensors
        ignore_index, z, added = ctx.options
        target = (labels, ignore_index, weights, shared, share, rows)
        nothing = (None,) * 10
        if torch.is_grad_enabled() and not torch.compiler.is_compiling():  # create_graph=True
            losses = of_torch(x, *target, z)
            each = (upstream * unit).expand(x.shape[0]) if added else upstream
            return torch.autograd.grad(losses, x, each.to(losses.dtype), create_graph=True)[0], *nothing
        gradient, ctx.gradient = ctx.gradient, None
        if gradient is None:
            each = upstream.double() * unit if added else upstream.double()
            return torch.ops.kullback.softmax_cross_entropy_backward(x, *target, z, each), *nothing
        if upstream.item() != 1:
            gradient.mul_(upstream.to(gradient.dtype))
        return gradient, *nothing


def _one(x: Tensor) -> Tensor:
    return torch.ones(1, dtype=torch.float64, device=x.device)


def arrays_of(x: Tensor, target: Target) -> Any:
    """Logits and target as the loops take them: missing labels are −1, and all others are classes."""
    labels, K = target.labels, x.shape[1]
    y = labels.long()
    if y.numel():
        low, high = torch.aminmax(y)
        if low < 0 or high >= K or 0 <= target.ignore_index < K:
            held = y != target.ignore_index
            check_range(y, held, K, target.ignore_index, "a label")
            y = torch.where(held, y, -1)
    kind = computed_in(x.dtype)
    return (
        array_of(x),
        array_of(y),
        array_of(target.weights.double()),
        array_of(target.shared.to(kind)),
        array_of(target.share.double()),
        array_of(target.rows.to(kind)),
    )


def check_range(labels: Tensor, held: Tensor, classes: int, ignore_index: int, name: str) -> None:
    """Check that the labels that are held are 0 … classes − 1.

    Raises:
        LabelOutOfRange: naming the first that is not and its row, or its place in a target **(N, d1, …)**.
    """
    wrong = ((labels < 0) | (labels >= classes)) & held
    if wrong.any():
        place: list[int] = wrong.nonzero()[0].tolist() or [0]
        where = f"at {tuple(place)}" if name == "target" and len(place) > 1 else f"in row {place[0]}"
        raise LabelOutOfRange(
            f"{name} is {labels[wrong][0].item()} {where}, expected a label from 0 to {classes - 1}; "
            f"a missing label is {ignore_index}, the ignore_index"
        )


def _forward(x: Tensor, *arguments: Any) -> tuple[Tensor, Tensor]:
    from kullback.kernels.cpu.softmax_cross_entropy import softmax_cross_entropy as of_rows

    loop: Any = of_rows
    *target, z, unit, wanted = arguments
    arrays = arrays_of(x, Target(*target))
    out = place_for(arrays[0]) if wanted else None
    loss, _ = loop(*arrays, z, unit=array_of(unit), out=out)
    gradient = x.new_empty((0, x.shape[1])) if out is None else tensor_of(out, x.dtype)
    return torch.from_numpy(loss), gradient


def _backward(x: Tensor, *arguments: Any) -> Tensor:
    from kullback.kernels.cpu.softmax_cross_entropy import gradient_of_softmax_cross_entropy

    loop: Any = gradient_of_softmax_cross_entropy
    *target, z, upstream = arguments
    arrays = arrays_of(x, Target(*target))
    g = loop(*arrays, z, array_of(upstream.double()), out=place_for(arrays[0]))
    return tensor_of(g, x.dtype)


def _forward_shapes(x: Tensor, *arguments: Any) -> tuple[Tensor, Tensor]:
    N, K = x.shape
    return x.new_empty((N,), dtype=torch.float64), x.new_empty((N if arguments[-1] else 0, K))


def _backward_shapes(x: Tensor, *arguments: Any) -> Tensor:
    del arguments
    return x.new_empty(x.shape)


for name, (on_cpu, shapes) in {
    "softmax_cross_entropy": (_forward, _forward_shapes),
    "softmax_cross_entropy_backward": (_backward, _backward_shapes),
}.items():
    LIBRARY.impl(name, on_cpu, "CPU")
    torch.library.register_fake(f"kullback::{name}", shapes, lib=LIBRARY)
