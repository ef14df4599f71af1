"""The loss of a head as an operator: what torch does with it, what it multiplies, and what it holds."""

import pytest
import torch
from torch.nn import functional as F  # noqa: N812 (torch's own habit)

import kullback as kb
from kullback.losses import linear_cross_entropy
from kullback.losses.operators import linear_cross_entropy as operators

N, D, V = 9, 4, 7


@pytest.fixture(autouse=True)
def _many_chunks(monkeypatch):
    monkeypatch.setattr(operators, "ELEMENTS", 1)
    monkeypatch.setattr(operators, "FEWEST", {"cpu": 4})
    monkeypatch.setattr(operators, "BLOCK", 3)


def made(dtype=torch.float64, n=N, d=D, v=V):
    g = torch.Generator().manual_seed(0)
    shapes = ((n, d), (v, d), (v,))
    return [torch.randn(*s, generator=g, dtype=torch.float64).to(dtype).requires_grad_() for s in shapes]


def targets(n=N, v=V):
    g = torch.Generator().manual_seed(1)
    y = torch.randint(v, (n,), generator=g)
    y[::4] = -100
    several = torch.randint(v, (n, 3), generator=g)
    several[::3, 1:] = -100
    several[1] = -100
    several[2] = several[2, 0]
    return {
        "labels": {"target": y, "z_loss": 0.1},
        "smoothed": {"target": y, "label_smoothing": 0.1, "weight": torch.rand(v, generator=g)},
        "rows": {"target": torch.softmax(torch.randn(n, v, generator=g, dtype=torch.float64), 1), "z_loss": 0.1},
        "several": {"labels": several},
    }


def plain(x, w, bias=None, **options):
    return kb.losses.cross_entropy(F.linear(x, w, bias), **options)


def slopes(loss, leaves, upstream=None):
    """The value and the gradients, None where there is none."""
    leaves = [t.detach().clone().requires_grad_(t.requires_grad) for t in leaves]
    value = loss(*leaves)
    value.backward(upstream)
    return value.detach(), [t.grad for t in leaves]


def watch(monkeypatch):
    """The arguments of the operator, call by call."""
    called, operator = [], torch.ops.kullback.linear_cross_entropy

    def watched(*arguments):
        called.append(arguments)
        return operator(*arguments)

    monkeypatch.setattr(torch.ops.kullback, "linear_cross_entropy", watched)
    return called


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("kind", targets())
def test_the_operator_passes_torchs_checks(path, kind, dtype, monkeypatch):
    operator = torch.ops.kullback.linear_cross_entropy.default
    with monkeypatch.context() as patched:
        called = watch(patched)
        for reduction, leaves in (("mean", made(dtype)), ("none", made(dtype)), ("sum", made(dtype)[:2])):
            options = targets()[kind] | {"reduction": reduction, "linear_bias": (*leaves, None)[2]}
            linear_cross_entropy(*leaves[:2], **options).sum().backward()
    assert len(called) == 4
    for arguments in called:
        clean = [a.detach() if isinstance(a, torch.Tensor) else a for a in arguments]
        torch.library.opcheck(operator, clean)


@pytest.mark.parametrize("reduction", ["mean", "none"])
@pytest.mark.parametrize("kind", targets())
def test_first_and_second_derivatives(path, kind, reduction):
    def loss(x, w, bias):
        return linear_cross_entropy(x, w, linear_bias=bias, **targets()[kind], reduction=reduction)

    assert torch.autograd.gradcheck(loss, made(), nondet_tol=1e-12)
    assert torch.autograd.gradgradcheck(loss, made(), nondet_tol=1e-12, fast_mode=True)


@pytest.mark.parametrize("wanted", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1)])
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_only_wanted_gradients_are_made(path, wanted, reduction, monkeypatch):
    options = targets()["several"] | {"reduction": reduction}
    leaves = [t.requires_grad_(bool(want)) for t, want in zip(made(), wanted, strict=True)]
    upstream = torch.linspace(-1, 2, N, dtype=torch.float64) if reduction == "none" else None
    called = watch(monkeypatch)
    _, got = slopes(lambda x, w, b: linear_cross_entropy(x, w, linear_bias=b, **options), leaves, upstream)
    _, expected = slopes(lambda x, w, b: plain(x, w, b, **options), leaves, upstream)
    torch.testing.assert_close(got, expected)
    now, later = wanted, (0, 0, 0)
    assert [c[-3:] for c in called] == ([now] if reduction == "mean" else [later, now])


def test_a_second_backward_pass_is_not_scaled_by_the_first(path):
    x, w, _ = made()
    loss = linear_cross_entropy(x, w, **targets()["labels"])
    expected = torch.autograd.grad(plain(x, w, **targets()["labels"]), (x, w))
    for factor in (3.0, 5.0):
        got = torch.autograd.grad(factor * loss, (x, w), retain_graph=True)
        torch.testing.assert_close(got, tuple(factor * g for g in expected))


@pytest.mark.parametrize("products", [torch.float32, torch.bfloat16])
def test_the_gradient_of_the_head_is_rounded_once(products, monkeypatch):
    """128 chunks: adding up in bfloat16 would be off by one or two hundredths."""
    monkeypatch.setattr(operators, "multiplied_in", lambda x: products)
    y = torch.arange(512) % V
    leaves = made(torch.bfloat16, n=512)[:2]
    _, (_, got) = slopes(lambda x, w: linear_cross_entropy(x, w, y), leaves)
    _, (_, exact) = slopes(lambda x, w: plain(x, w, target=y), [t.detach().double().requires_grad_() for t in leaves])
    assert (got.double() - exact).norm() < 0.004 * exact.norm()


def test_no_gradient_is_made_where_none_can_be_asked_for(monkeypatch):
    called = watch(monkeypatch)
    x, w, _ = made()
    with torch.no_grad():
        linear_cross_entropy(x, w, **targets()["labels"])
    linear_cross_entropy(x.detach(), w.detach(), **targets()["labels"])
    assert [c[-3:] for c in called] == [(False, False, False)] * 2


def test_rows_without_a_label_are_not_multiplied(path):
    """What is not looked at may be nan."""
    x, w, bias = made()
    y = targets()["labels"]["target"]
    held = y != -100
    expected, (dx, *rest) = slopes(lambda *t: plain(*t, target=y), (x, w, bias))
    blank = torch.where(held[:, None], x.detach(), torch.nan).requires_grad_()
    got, (of_blank, *others) = slopes(lambda x, w, b: linear_cross_entropy(x, w, y, linear_bias=b), (blank, w, bias))
    torch.testing.assert_close((got, of_blank, others), (expected, dx, rest))


@pytest.mark.parametrize("y", [torch.empty(0, dtype=torch.int64), torch.full((N,), -100)])
def test_nothing_at_all_is_torchs(path, y):
    for reduction in ("mean", "sum", "none"):
        options = {"target": y, "reduction": reduction}
        leaves = made(n=len(y))
        got, slope = slopes(lambda x, w, b, o=options: linear_cross_entropy(x, w, linear_bias=b, **o).sum(), leaves)
        expected, _ = slopes(lambda x, w, b, o=options: F.cross_entropy(F.linear(x, w, b), **o).sum(), leaves)
        torch.testing.assert_close(got, expected, equal_nan=True)
        assert all(g.eq(0).all() for g in slope)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, of torch
@pytest.mark.parametrize("kind", targets())
def test_compiled_without_a_break(kind):
    options = targets()[kind]
    for reduction, leaves in (("mean", made(torch.float32)), ("none", made(torch.float32)[:2])):

        def loss(x, w, bias=None, reduction=reduction):
            return linear_cross_entropy(x, w, linear_bias=bias, **options, reduction=reduction)

        upstream = torch.linspace(-1, 2, N) if reduction == "none" else torch.tensor(0.7)
        torch.compiler.reset()
        got = slopes(torch.compile(loss, fullgraph=True), leaves, upstream)
        torch.testing.assert_close(got, slopes(loss, leaves, upstream))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, of torch
def test_compiled_a_label_is_checked():
    x, w, _ = made(torch.float32)
    y = torch.arange(N)
    with pytest.raises(IndexError, match=f"a label is {V} in row {V}, expected a label from 0 to {V - 1}"):
        torch.compile(linear_cross_entropy, fullgraph=True)(x, w, y)


def test_autocast_multiplies_in_its_type_and_gives_float32(path):
    y = targets()["labels"]["target"]
    x, w, bias = made(torch.float32)
    half = [t.detach().bfloat16().requires_grad_() for t in (x, w, bias)]

    def loss(x, w, b):
        return linear_cross_entropy(x, w, y, linear_bias=b)

    with torch.autocast("cpu", dtype=torch.bfloat16):
        got, mine = slopes(loss, (x, w, bias))
        mixed, _ = slopes(loss, (half[0], w, bias))
        wide = linear_cross_entropy(*made()[:2], y)
    expected, theirs = slopes(loss, half)
    assert got.dtype == torch.float32
    assert torch.equal(got, expected)
    assert torch.equal(mixed, expected)
    assert {g.dtype for g in mine} == {torch.float32}
    for a, b in zip(mine, theirs, strict=True):
        assert torch.equal(a, b.float())
    assert wide.dtype == torch.float64


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, of torch
@pytest.mark.parametrize("kind", ["labels", "several"])
def test_transforms_of_functions(path, kind):
    options = {k: v.clamp(min=0) if k != "z_loss" else v for k, v in targets()[kind].items()}
    x, w, bias = (t.detach() for t in made())

    def ours(x, w, b):
        return linear_cross_entropy(x, w, linear_bias=b, **options)

    def theirs(x, w, b):
        return plain(x, w, b, **options)

    for transform in (
        lambda f: torch.func.grad(f, argnums=(0, 1, 2))(x, w, bias),
        lambda f: torch.func.jvp(f, (x, w, bias), (w[:1].expand(N, D), w, bias)),
        lambda f: torch.func.vmap(f, in_dims=(0, None, None))(torch.stack([x, 2 * x]), w, bias),
        lambda f: torch.func.hessian(f, argnums=1)(x, w, bias),
    ):
        torch.testing.assert_close(transform(ours), transform(theirs))


def test_rows_may_want_a_gradient(path):
    x, w, bias = made()
    p = targets()["rows"]["target"].requires_grad_()
    assert torch.autograd.gradcheck(lambda x, w, b, p: linear_cross_entropy(x, w, p, linear_bias=b), (x, w, bias, p))


@pytest.mark.parametrize("kind", targets())
def test_the_same_bits_twice(path, kind):
    def loss(x, w, b):
        return linear_cross_entropy(x, w, linear_bias=b, **targets(90, 70)[kind])

    leaves = made(torch.float32, 90, 33, 70)
    (a, first), (b, second) = (slopes(loss, leaves) for _ in range(2))
    assert torch.equal(a, b)
    assert all(torch.equal(g, h) for g, h in zip(first, second, strict=True))


def test_all_logits_are_never_held(monkeypatch):
    """The largest piece of memory that a step asks for, by torch's profiler."""
    monkeypatch.setattr(operators, "BLOCK", 100)
    n, d, v = 64, 2, 500
    leaves, y = made(torch.float32, n, d, v), torch.arange(n)

    def largest(loss):
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
            slopes(loss, leaves)
        return max(event.self_cpu_memory_usage for event in profile.events())

    whole = n * v * 4
    assert largest(lambda x, w, b: F.cross_entropy(F.linear(x, w, b), y)) >= whole
    for options in ({"target": y}, {"target": y, "reduction": "none"}):
        got = largest(lambda x, w, b, o=options: linear_cross_entropy(x, w, linear_bias=b, **o).sum())
        assert got < whole / 8
