"""The cross-entropy against torch's own, in every combination of arguments that torch documents, and beyond them."""

import pytest
import torch
from torch.nn import functional as F  # noqa: N812 (torch's own habit)

import kullback as kb
from kullback.errors import InputError

K = 7
FORMS = {"()": (), "(N,)": (6,), "(N, d1)": (3, 4), "(N, d1, d2)": (2, 3, 2)}


def _draw(form, seed=0, dtype=torch.float64):
    """Logits of this form, labels some of which are missing, rows and weights of the classes."""
    g = torch.Generator().manual_seed(seed)
    whole = (*form[:1], K, *form[1:])
    x = (3 * torch.randn(whole, generator=g, dtype=torch.float64)).to(dtype)
    y = torch.randint(0, K, form, generator=g)
    if form:
        y = torch.where(torch.rand(form, generator=g) < 0.3, -100, y)
    p = torch.softmax(torch.randn(whole, generator=g, dtype=torch.float64), 1 if form else 0).to(dtype)
    return x, y, p, torch.rand(K, generator=g, dtype=torch.float64).to(dtype)


def _both(ours, theirs, x):
    """Values and gradients, for an upstream gradient that is no constant."""
    out = []
    for f in (ours, theirs):
        leaf = x.detach().clone().requires_grad_()
        value = f(leaf)
        (value * torch.linspace(0.5, 2, max(value.numel(), 1)).reshape(value.shape).to(value.dtype)).sum().backward()
        out.append((value.detach(), leaf.grad))
    return out


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", ["labels", "rows"])
@pytest.mark.parametrize("form", FORMS)
def test_it_is_torchs(path, form, kind, weighted, smoothing, reduction):  # noqa: PLR0917 (pytest hands them over so)
    x, y, p, w = _draw(FORMS[form])
    target = y if kind == "labels" else p
    options = {"weight": w if weighted else None, "label_smoothing": smoothing, "reduction": reduction}
    ours, theirs = _both(
        lambda x: kb.losses.cross_entropy(x, target, **options), lambda x: F.cross_entropy(x, target, **options), x
    )
    torch.testing.assert_close(ours, theirs, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("ignore_index", [2, -1, 99])
def test_ignored_labels_are_torchs(path, ignore_index):
    x, y, _, w = _draw((6,))
    y = torch.where(y < 0, ignore_index, y)
    options = {"ignore_index": ignore_index, "weight": w}
    ours, theirs = _both(
        lambda x: kb.losses.cross_entropy(x, y, **options), lambda x: F.cross_entropy(x, y, **options), x
    )
    torch.testing.assert_close(ours, theirs, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_types_keep_and_large_logits_are_exact(path, dtype):
    x, y, _, _ = _draw((6,), dtype=dtype)
    x[0, :] = 1e4
    x[1, 1:3] = -torch.inf
    y[:2] = 0
    wide = F.cross_entropy(x.double(), y, reduction="none")
    got = kb.losses.cross_entropy(x, y, reduction="none")
    assert got.dtype == dtype
    torch.testing.assert_close(got.double(), wide, rtol=torch.finfo(dtype).eps, atol=1e-6)
    for reduction in ("none", "mean"):
        (ours, slope), (_, expected) = _both(
            lambda x, r=reduction: kb.losses.cross_entropy(x, y, reduction=r),
            lambda x, r=reduction: F.cross_entropy(x.double(), y, reduction=r),
            x,
        )
        assert (ours.dtype, slope.dtype) == (dtype, dtype)
        torch.testing.assert_close(slope, expected, rtol=4 * torch.finfo(dtype).eps, atol=1e-6)


def test_nan_infinity_and_nothing_are_torchs(path):
    x, y, _, _ = _draw((6,))
    y = y.clamp(min=0)
    x[0, 0], x[1, 1], x[2] = torch.nan, torch.inf, -torch.inf
    x[3, y[3]] = -torch.inf
    torch.testing.assert_close(
        kb.losses.cross_entropy(x, y, reduction="none"), F.cross_entropy(x, y, reduction="none"), equal_nan=True
    )
    ours, theirs = _both(lambda x: kb.losses.cross_entropy(x, y), lambda x: F.cross_entropy(x, y), x)
    torch.testing.assert_close(ours, theirs, equal_nan=True)
    ignored = torch.full((6,), -100)
    for chosen, labels in ((_draw((6,))[0], ignored), (x[:0], y[:0])):
        assert kb.losses.cross_entropy(chosen, labels).isnan()
        assert kb.losses.cross_entropy(chosen, labels, reduction="sum") == 0
        assert kb.losses.cross_entropy(chosen, labels, reduction="none").tolist() == [0.0] * len(labels)
    leaf = _draw((6,))[0].requires_grad_()
    kb.losses.cross_entropy(leaf, ignored).backward()
    assert leaf.grad.eq(0).all()


SEVERAL = torch.tensor([[0, 0, 1], [3, -100, -100], [-100, -100, -100], [2, -100, 6], [-100, 1, 1], [0, 1, 2]])


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(
    "options", [{}, {"weight": True}, {"label_smoothing": 0.2}, {"weight": True, "label_smoothing": 0.2}]
)
@pytest.mark.parametrize("own", [False, True])
def test_k_labels_are_weighted_sums_of_one(path, reduction, options, own):
    x, _, _, w = _draw((6,))
    options = {**options, **({"weight": w} if "weight" in options else {})}
    held = SEVERAL >= 0
    v = (
        torch.rand(6, 3, generator=torch.Generator().manual_seed(3)).double()
        if own
        else held.double() / held.sum(1, True).clamp(min=1)
    )
    v = v.where(held, 0)

    def theirs(x):
        each = [F.cross_entropy(x, y, reduction="none", **options) for y in SEVERAL.T]
        loss = sum(e * v[:, j] for j, e in enumerate(each))
        of_classes = options.get("weight", torch.ones(K).double())
        count = sum((of_classes[y.clamp(min=0)] * v[:, j]).sum() for j, y in enumerate(SEVERAL.T))
        return loss if reduction == "none" else loss.sum() / (count if reduction == "mean" else 1)

    got, expected = _both(
        lambda x: kb.losses.cross_entropy(
            x, labels=SEVERAL, label_weight=v if own else None, reduction=reduction, **options
        ),
        theirs,
        x,
    )
    torch.testing.assert_close(got, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("kind", ["labels", "rows", "several"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_z_loss_is_the_squared_log_sum_exp(path, kind, reduction):
    x, y, p, _ = _draw((6,))
    target = {"labels": {"target": y}, "rows": {"target": p}, "several": {"labels": SEVERAL}}[kind]
    held = {"labels": y >= 0, "rows": torch.full((6,), True), "several": (SEVERAL >= 0).any(1)}[kind]

    def theirs(x):
        z = 0.01 * torch.logsumexp(x, 1).square().where(held, 0)
        z = {"mean": z.sum() / held.sum(), "sum": z.sum(), "none": z}[reduction]
        return kb.losses.cross_entropy(x, **target, reduction=reduction) + z

    got, expected = _both(lambda x: kb.losses.cross_entropy(x, **target, reduction=reduction, z_loss=0.01), theirs, x)
    torch.testing.assert_close(got, expected, rtol=1e-11, atol=1e-13)


def test_a_normalizer_makes_two_batches_of_one(path):
    x, y, _, _ = _draw((6,))
    whole, parts = (x.clone().requires_grad_() for _ in range(2))
    kb.losses.cross_entropy(whole, y).backward()
    for rows in (slice(0, 2), slice(2, 6)):
        kb.losses.cross_entropy(parts[rows], y[rows], normalizer=(y >= 0).sum()).backward()
    torch.testing.assert_close(parts.grad, whole.grad, rtol=1e-12, atol=1e-15)
    with pytest.raises(InputError, match="normalizer is given with reduction='sum', expected the mean"):
        kb.losses.cross_entropy(x, y, normalizer=3, reduction="sum")


@pytest.mark.parametrize("options", [{}, {"reduction": "none"}, {"z_loss": 0.1, "label_smoothing": 0.1}])
@pytest.mark.parametrize("kind", ["labels", "rows", "several"])
def test_first_and_second_derivatives(path, kind, options):
    x, y, p, _ = _draw((6,))
    target = {"labels": {"target": y}, "rows": {"target": p}, "several": {"labels": SEVERAL}}[kind]

    def loss(x):
        return kb.losses.cross_entropy(x, **target, **options)

    assert torch.autograd.gradcheck(loss, x.requires_grad_(), nondet_tol=1e-12)
    assert torch.autograd.gradgradcheck(loss, x, nondet_tol=1e-12)


def test_rows_may_want_a_gradient(path):
    x, _, p, _ = _draw((6,))
    assert torch.autograd.gradcheck(kb.losses.cross_entropy, (x, p.requires_grad_()))


def test_a_second_backward_pass_gives_the_same(path):
    x, y, _, _ = _draw((6,))
    x.requires_grad_()
    loss = kb.losses.cross_entropy(x, y)
    (first,) = torch.autograd.grad(loss, x, retain_graph=True)
    (second,) = torch.autograd.grad(loss, x, retain_graph=True)
    (third,) = torch.autograd.grad(3 * loss, x)
    torch.testing.assert_close(second, first, rtol=1e-12, atol=1e-16)
    torch.testing.assert_close(third, 3 * first, rtol=1e-12, atol=1e-16)


def test_the_gradient_is_handed_out_without_a_copy(monkeypatch):
    made = []
    operator = torch.ops.kullback.softmax_cross_entropy
    x = torch.randn(64, 1024, requires_grad=True)

    def watched(*arguments):
        out = operator(*arguments)
        made.append(out[1].data_ptr())
        return out

    monkeypatch.setattr(torch.ops.kullback, "softmax_cross_entropy", watched)
    kb.losses.cross_entropy(x, torch.arange(64)).backward()
    assert made == [x.grad.data_ptr()]


def test_memory_of_a_large_gradient_is_taken_again_when_nothing_refers_to_it():
    x = torch.randn(1100, 1024, requires_grad=True)
    y = torch.arange(1100) % 1024

    def gradient():
        x.grad = None
        kb.losses.cross_entropy(x, y).backward()
        return x.grad

    first = gradient().data_ptr()
    assert gradient().data_ptr() == first
    part = gradient()[3]  # a view keeps the whole
    kept = part.clone()
    with torch.no_grad():
        x.mul_(2)
    assert gradient().data_ptr() != first
    assert torch.equal(part, kept)


def test_autocast_gives_float32(path):
    x, y, _, _ = _draw((6,), dtype=torch.bfloat16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        got, expected = kb.losses.cross_entropy(x, y), F.cross_entropy(x, y)
    assert got.dtype == torch.float32
    torch.testing.assert_close(got, expected.float(), rtol=1e-2, atol=0)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, of torch
def test_compiled_without_a_break():
    y = torch.arange(64)
    several = torch.stack([y, torch.where(y % 2 > 0, -100, 2 * y)], 1)
    for target in ({"target": y}, {"labels": several}, {"target": torch.softmax(torch.randn(64, 1000), 1)}):
        for reduction in ("mean", "none"):

            def loss(x, target=target, reduction=reduction):
                return kb.losses.cross_entropy(x, **target, reduction=reduction)

            x = torch.randn(64, 1000)
            ours, theirs = _both(torch.compile(loss, fullgraph=True), loss, x)
            torch.testing.assert_close(ours, theirs)
    with pytest.raises(IndexError, match="a label is 1000 in row 3"):
        torch.compile(kb.losses.cross_entropy, fullgraph=True)(x, torch.where(y == 3, 1000, y))


def test_transforms_of_functions(path):
    x, y, _, _ = _draw((6,))
    y = y.clamp(min=0)
    got = torch.func.vmap(kb.losses.cross_entropy)(x.expand(2, 6, K), y.expand(2, 6))
    torch.testing.assert_close(got, F.cross_entropy(x, y).expand(2))
    slope = torch.func.grad(kb.losses.cross_entropy)(x, y)
    torch.testing.assert_close(slope, torch.func.grad(F.cross_entropy)(x, y))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_operators_pass_torchs_checks(dtype):
    x, y, p, w = _draw((6,), dtype=dtype)
    kind = torch.float64 if dtype == torch.float64 else torch.float32
    none = torch.empty(0, dtype=torch.float64)
    one = torch.ones(1, dtype=torch.float64)
    share = torch.ones(6, dtype=torch.float64)
    labels = (y[:, None], -100, none.new_empty(6, 0), w.double(), share, torch.empty(0, K, dtype=kind))
    rows = (torch.empty(6, 0, dtype=torch.int64), -100, none.new_empty(6, 0), none, none, p.to(kind))
    for target in (labels, rows):
        for gradient in (True, False):
            arguments = (x, *target, 0.1, one, gradient)
            torch.library.opcheck(torch.ops.kullback.softmax_cross_entropy.default, arguments)
        torch.library.opcheck(torch.ops.kullback.softmax_cross_entropy_backward.default, (x, *target, 0.1, share))
