"""Cross-entropy of a head's logits as one operator of torch: losses and gradients in chunks of rows.

A chunk's logits are made, the gradient is written over them, and its two products are taken before the next chunk.
Where losses are added up, the gradients are made in the forward pass and handed out by the backward pass. Any other
backward pass calls the operator again; one that is itself to be differentiated goes through torch's own operations.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from kullback.losses.operators.arrays import array_of, computed_in
from kullback.losses.operators.softmax_cross_entropy import (
    LIBRARY,
    TARGET,
    Target,
    arrays_of,
    by_loops,
    check_range,
    of_torch,
)

ELEMENTS = 5 << 22
"""Logits that exist at a time: 80 MB in float32."""

FEWEST = {"cpu": 256}
"""Rows of a chunk at least, by device, which keep a matrix product busy; 1024 elsewhere."""

BLOCK = 1024
"""Classes that a product of a CPU takes at a time: a block of the head stays in the cache, which saves a fifth."""

ALIGNED = 16
"""Logits of a row on a CPU are a multiple of it, filled up with −∞: rows begin where vectors do, a tenth is saved."""

LIBRARY.define(
    f"linear_cross_entropy(Tensor input, Tensor weight, Tensor? bias, {TARGET}, float z, Tensor unit, "
    "bool of_input, bool of_weight, bool of_bias) -> (Tensor, Tensor, Tensor, Tensor)",
    tags=(torch.Tag.pt2_compliant_tag,),
)


def linear_cross_entropy(  # noqa: PLR0917 (as the operator takes them)
    input: Tensor,  # noqa: A002 (torch's name)
    weight: Tensor,
    bias: Tensor | None,
    target: Target,
    z: float,
    unit: Tensor,
    added: bool,
) -> Tensor:
    """Σ_c b_ic (λ_i − x_ic) + z λ_i² of every row, x = input · weightᵀ + bias and λ_i = log Σ_c exp x_ic.

    Args:
        input: hidden states **(N, D)**.
        weight: the head **(V, D)**.
        bias: **(V,)**, or None.
        target: the weights b.
        z: factor of the squared log-sum-exp.
        unit: **(1,)**, what the sum is multiplied by.
        added: whether the losses are added up.

    Returns:
        Losses in nats, **(N,)** or **()**, float32, or float64 if `input` is.
    """
    x = (input, weight, bias)
    transformed = not torch.compiler.is_compiling() and torch._C._are_functorch_transforms_active()  # pyright: ignore[reportPrivateUsage]  # there is no public way to ask
    if transformed or target.rows.requires_grad:
        losses = _of_torch(x, target, z)
        return losses.sum() * unit[0].to(losses.dtype) if added else losses
    wanted = [torch.is_grad_enabled() and t is not None and t.requires_grad for t in x]
    return _LinearCrossEntropy.apply(*x, *target, z, unit, added, *wanted)  # pyright: ignore[reportReturnType]  # apply is untyped


def _of_torch(x: tuple[Tensor, Tensor, Tensor | None], target: Target, z: float) -> Tensor:
    """The losses by torch's own operations, differentiable as often as one likes; all logits are made."""
    return of_torch(torch.nn.functional.linear(*x), *target, z)


class _LinearCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *arguments: Any) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]  # torch's own is (*args)
        """Take input, weight, bias, a Target, z, unit, whether to add up, and which gradients are wanted."""
        x, (labels, ignore_index, *others), (z, unit, added, *wanted) = arguments[:3], arguments[3:9], arguments[9:]
        # a half of float16 times 1/N would often be 0, before whoever scales losses has scaled it
        now = added and x[0].dtype != torch.float16
        losses, *gradients = torch.ops.kullback.linear_cross_entropy(
            *x, labels, ignore_index, *others, z, unit, *(w and now for w in wanted)
        )
        compiled = torch.compiler.is_compiling()
        ctx.save_for_backward(*x, labels, *others, unit, *(gradients if compiled and now else ()))
        ctx.options = (ignore_index, z, added, wanted)
        ctx.gradients = None if compiled or not now else gradients
        return (losses.sum() * unit[0] if added else losses).to(computed_in(x[0].dtype))

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]  # torch's own is (*args)
        """Hand out what forward made, once; make it again otherwise."""
        ignore_index, z, added, wanted = ctx.options
        *x, labels, weights, shared, share, rows, unit = ctx.saved_tensors[:9]
        target = Target(labels, ignore_index, weights, shared, share, rows)
        nothing = (None,) * 12
        compiled = torch.compiler.is_compiling()
        gradients, ctx.gradients = ctx.gradients, None
        if compiled and len(ctx.saved_tensors) > 9:
            return *_chosen([g * upstream for g in ctx.saved_tensors[9:]], wanted), *nothing
        each = upstream * unit if added else upstream
        if torch.is_grad_enabled() and not compiled:  # create_graph=True
            return *_differentiable((x[0], x[1], x[2]), target, z, each, wanted), *nothing
        if gradients is None:
            arguments = (*x, *target, z, each.to(unit.dtype), *wanted)
            _, *gradients = torch.ops.kullback.linear_cross_entropy(*arguments)
        elif upstream.device.type != "cpu" or upstream.item() != 1:
            for g in gradients:
                g.mul_(upstream)
        return *_chosen(gradients, wanted), *nothing


def _chosen(gradients: list[Tensor], wanted: list[bool]) -> list[Tensor | None]:
    return [g if want else None for g, want in zip(gradients, wanted, strict=True)]


def _differentiable(
    x: tuple[Tensor, Tensor, Tensor | None], target: Target, z: float, each: Tensor, wanted: list[bool]
) -> list[Tensor | None]:
    """The gradients with a graph."""
    losses = _of_torch(x, target, z)
    leaves = [t for t, want in zip(x, wanted, strict=True) if want and t is not None]
    found = iter(torch.autograd.grad(losses, leaves, each.to(losses.dtype).expand(len(losses)), create_graph=True))
    return [next(found) if want else None for want in wanted]


def _in_chunks(x: Tensor, w: Tensor, bias: Tensor | None, *arguments: Any) -> tuple[Tensor, ...]:
    """Losses **(N,)**, and `unit` **(1,)** or **(N,)** times the gradients by x, w and bias that are wanted."""
    *target, z, unit, of_x, of_w, of_bias = arguments
    b, held = _seen(Target(*target), len(w))
    b, spare = _lengthened(b, len(w))
    parts, wide, kind = _parts(held, len(x), len(w)), computed_in(x.dtype), multiplied_in(x)
    losses = unit.new_zeros(len(x))
    to_x = torch.zeros_like(x if of_x else x[:0])
    to_w = torch.zeros_like(w if of_w else w[:0], dtype=wide)
    to_bias = w.new_zeros(len(w) if of_bias else 0, dtype=wide)
    buffer = w.new_empty((len(losses[parts[0]]) if parts else 0, len(w) + spare), dtype=kind)
    for part in parts:
        rows = x[part].to(kind)
        whole = buffer[: len(rows)]
        logits = whole[:, : len(w)]
        for v in _blocks(logits):
            block = torch.mm(rows, w[v].to(kind).T, out=logits[:, v])
            if bias is not None:
                block += bias[v]
        whole[:, len(w) :] = -torch.inf
        u = unit if len(unit) == 1 else unit[part]
        losses[part] = _with_gradient(whole, _rows(b, part), z, u, write=of_x or of_w or of_bias)
        sums = rows.new_zeros(rows.shape, dtype=wide)
        for v in _blocks(logits):
            if of_x:
                _add_product(sums, logits[:, v], w[v].to(kind))
            if of_w:
                _add_product(to_w[v], logits[:, v].T, rows)
        if of_x:
            to_x[part] = sums.to(x.dtype)
        if of_bias:
            to_bias += logits.sum(0, dtype=wide)
    return losses, to_x, to_w.to(w.dtype), to_bias.to(w.dtype)


def multiplied_in(x: Tensor) -> torch.dtype:
    """The type of the matrix products: float32 for half precision on a CPU for which torch has a plain loop only."""
    if x.device.type != "cpu" or x.dtype not in (torch.bfloat16, torch.float16):
        return x.dtype
    known = torch.backends.mkldnn.is_available()
    here = torch.ops.mkldnn
    fast = here._is_mkldnn_bf16_supported if x.dtype == torch.bfloat16 else here._is_mkldnn_fp16_supported
    return x.dtype if known and fast() else torch.float32


def _blocks(logits: Tensor) -> list[slice]:
    """Classes that are multiplied at a time; on a CPU and in full precision only, where it was measured."""
    V = logits.shape[1]
    size = BLOCK if logits.device.type == "cpu" and logits.itemsize > 2 else V
    return [slice(v, min(v + size, V)) for v in range(0, V, size)]


def _add_product(total: Tensor, a: Tensor, b: Tensor) -> None:
    if a.dtype == total.dtype:
        total.addmm_(a, b)
    else:
        total += torch.mm(a, b)


def _seen(b: Target, classes: int) -> tuple[Target, Tensor | None]:
    """On a CPU, the target with −1 for what is missing, and which rows have a label."""
    if b.labels.device.type != "cpu" or not b.labels.shape[1]:
        return b, None
    given = b.labels != b.ignore_index
    check_range(b.labels, given, classes, b.ignore_index, "a label")
    return b._replace(labels=torch.where(given, b.labels.long(), -1), ignore_index=-1), given.any(1)


def _lengthened(b: Target, classes: int) -> tuple[Target, int]:
    """The target with weights of 0 for the logits that make a row a multiple of ALIGNED, and how many these are."""
    spare = -classes % ALIGNED if b.labels.device.type == "cpu" and not len(b.rows) else 0
    shared = torch.nn.functional.pad(b.shared, (0, spare)) if len(b.shared) else b.shared
    return b._replace(shared=shared), spare


def _parts(held: Tensor | None, N: int, V: int) -> list[Any]:
    """Chunks of one size; rows without a label are in none."""
    device = "elsewhere" if held is None else held.device.type
    kept = None if held is None or held.all() else held.nonzero()[:, 0]
    n = N if kept is None else len(kept)
    most = max(ELEMENTS // V, FEWEST.get(device, 1024))
    size = -(-n // max(-(-n // most), 1))
    starts = range(0, n, max(size, 1))
    return [slice(i, min(i + size, n)) if kept is None else kept[i : i + size] for i in starts]


def _rows(b: Target, part: Any) -> Target:
    """The target of some rows."""
    share = b.share[part] if len(b.share) else b.share
    rows = b.rows[part] if len(b.rows) else b.rows
    return b._replace(labels=b.labels[part], weights=b.weights[part], share=share, rows=rows)


def _with_gradient(logits: Tensor, b: Target, z: float, unit: Tensor, *, write: bool) -> Tensor:
    """The losses of a chunk; their gradient is written over the logits."""
    if by_loops(logits, b):
        from kullback.kernels.cpu.softmax_cross_entropy import softmax_cross_entropy

        loop: Any = softmax_cross_entropy
        arrays = arrays_of(logits, b)
        loss, _ = loop(*arrays, z, unit=array_of(unit.double()), out=arrays[0] if write else None)
        return torch.from_numpy(loss)
    loss = of_torch(logits, *b, z)
    if write:
        logits.copy_(slope_of_torch(logits, b, z, unit))
    return loss.to(unit.dtype)


def slope_of_torch(x: Tensor, b: Target, z: float, unit: Tensor) -> Tensor:
    """The gradients **(N, K)** of the losses, `unit` times: a_i softmax(x)_ic − b_ic, a_i = Σ_c b_ic + 2 z λ_i."""
    x = x.to(computed_in(x.dtype))
    given = b.labels != b.ignore_index
    held = given.any(1) if len(b.rows) == 0 else torch.ones_like(x[:, 0], dtype=torch.bool)
    v = torch.where(given, b.weights if b.weights.shape[1] else 1.0, 0.0).to(x.dtype)
    shared, rows, unit = b.shared.to(x.dtype), b.rows.to(x.dtype), unit.to(x.dtype).expand(len(x))
    a = v.sum(1) + rows.sum(1) if len(rows) else v.sum(1) + (b.share.to(x.dtype) * shared.sum() if len(shared) else 0)
    a = a + 2 * z * torch.logsumexp(x, 1) if z else a
    g = torch.softmax(x, 1).mul_((unit * a)[:, None])
    if len(rows):
        g -= unit[:, None] * rows
    if len(shared):
        g -= (unit * b.share.to(x.dtype))[:, None] * shared
    at = torch.arange(len(x), device=x.device)
    for j in range(v.shape[1]):  # one label at a time: a class that comes twice is subtracted in the same order
        g[at, torch.where(given[:, j], b.labels[:, j], 0).long()] -= unit * v[:, j]
    return g if len(rows) else torch.where(held[:, None], g, 0.0)


def _shapes(x: Tensor, w: Tensor, bias: Tensor | None, *arguments: Any) -> tuple[Tensor, ...]:
    del bias
    unit, of_x, of_w, of_bias = arguments[-4:]
    (N, D), V = x.shape, w.shape[0]
    to_x, to_w = x.new_empty((N if of_x else 0, D)), w.new_empty((V if of_w else 0, D))
    return unit.new_empty(N), to_x, to_w, w.new_empty(V if of_bias else 0)


LIBRARY.impl("linear_cross_entropy", _in_chunks, "CompositeExplicitAutograd")
torch.library.register_fake("kullback::linear_cross_entropy", _shapes, lib=LIBRARY)
