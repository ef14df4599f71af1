"""The loss of a head without its logits against the loss of its logits, and against torch in float64."""

import pytest
import torch
from torch.nn import functional as F  # noqa: N812 (torch's own habit)

import kullback as kb
from kullback.errors import InputError, UnsupportedError
from kullback.losses import linear_cross_entropy
from kullback.losses.operators import linear_cross_entropy as operators

N, D, V = 700, 6, 150  # three chunks, and large enough for the loops


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(operators, "ELEMENTS", 256 * V)
    monkeypatch.setattr(operators, "BLOCK", 64)


def made(dtype=torch.float64, n=N, bias=True):
    g = torch.Generator().manual_seed(0)
    x, w, b = (
        torch.randn(*s, generator=g, dtype=torch.float64).to(dtype).requires_grad_() for s in ((n, D), (V, D), (V,))
    )
    return x, w, b if bias else None


def targets(n=N):
    g = torch.Generator().manual_seed(1)
    y = torch.randint(V, (n,), generator=g)
    y[::7] = -100
    several = torch.randint(V, (n, 3), generator=g)
    several[::5, 1:] = -100
    several[::11] = -100
    return {
        "labels": {"target": y},
        "smoothed": {"target": y, "label_smoothing": 0.1, "weight": torch.rand(V, generator=g, dtype=torch.float64)},
        "rows": {"target": torch.softmax(torch.randn(n, V, generator=g, dtype=torch.float64), -1)},
        "several": {"labels": several, "z_loss": 0.01},
        "normalized": {"target": y, "normalizer": 123.0},
    }


@pytest.mark.parametrize("n", [N, 40])
@pytest.mark.parametrize("name", targets())
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("bias", [True, False])
def test_it_is_the_loss_of_the_logits(name, reduction, bias, n):
    options = targets(n)[name] | {"reduction": reduction}
    if name == "normalized" and reduction != "mean":
        return
    ours, theirs = made(n=n, bias=bias), made(n=n, bias=bias)
    got = linear_cross_entropy(*ours[:2], linear_bias=ours[2], **options)
    expected = kb.losses.cross_entropy(F.linear(*theirs), **options)
    torch.testing.assert_close(got, expected, rtol=1e-12, atol=1e-14)
    upstream = torch.linspace(-1, 2, n, dtype=torch.float64) if reduction == "none" else torch.tensor(0.7).double()
    got.backward(upstream)
    expected.backward(upstream)
    for a, b in zip(ours, theirs, strict=True):
        if a is not None:
            torch.testing.assert_close(a.grad, b.grad, rtol=1e-9, atol=1e-12)


def test_it_is_torchs_own():
    x, w, b = made()
    y = targets()["labels"]["target"]
    torch.testing.assert_close(linear_cross_entropy(x, w, y, linear_bias=b), F.cross_entropy(F.linear(x, w, b), y))


@pytest.mark.parametrize("wanted", [(True, False), (False, True)])
def test_only_what_is_wanted_has_a_gradient(wanted):
    y = targets()["labels"]["target"]
    full, some = (
        made(bias=False)[:2],
        [t.detach().requires_grad_(need) for t, need in zip(made(), wanted, strict=False)],
    )
    linear_cross_entropy(*full, y).backward()
    linear_cross_entropy(*some, y).backward()
    for a, b, need in zip(full, some, wanted, strict=True):
        assert (b.grad is not None) == need
        if need:
            torch.testing.assert_close(b.grad, a.grad, rtol=1e-12, atol=1e-15)


def test_a_second_backward_pass_and_one_that_is_differentiated():
    y = targets(300)["labels"]["target"]
    x, w, b = made(n=300)
    loss = linear_cross_entropy(x, w, y, linear_bias=b)
    first = torch.autograd.grad(loss, (x, w, b), retain_graph=True)
    second = torch.autograd.grad(loss, (x, w, b), retain_graph=True)
    graph = torch.autograd.grad(loss, (x, w, b), create_graph=True)
    for a, c, e in zip(first, second, graph, strict=True):
        torch.testing.assert_close(a, c, rtol=1e-12, atol=1e-15)
        torch.testing.assert_close(a, e, rtol=1e-9, atol=1e-13)
    (curved,) = torch.autograd.grad(graph[0].square().sum(), w)
    plain = F.cross_entropy(F.linear(x, w, b), y)
    (expected,) = torch.autograd.grad(torch.autograd.grad(plain, x, create_graph=True)[0].square().sum(), w)
    torch.testing.assert_close(curved, expected, rtol=1e-9, atol=1e-14)


def test_gradcheck():
    y = targets(5)["several"]["labels"]
    assert torch.autograd.gradcheck(
        lambda x, w, b: linear_cross_entropy(x, w, linear_bias=b, labels=y), made(n=5), fast_mode=True
    )


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_half_precision_adds_up_in_single(dtype, fast, monkeypatch):
    """With the same rounded logits the loss is exact to single precision, and the head's gradient to its own."""
    products = dtype if fast else torch.float32
    monkeypatch.setattr(operators, "multiplied_in", lambda x: products)
    x, w, _ = made(dtype, bias=False)
    y = targets()["labels"]["target"]
    loss = linear_cross_entropy(x, w, y)
    assert loss.dtype == torch.float32
    logits = F.linear(x.detach().double(), w.detach().double()).to(products).double()
    assert loss.item() == pytest.approx(F.cross_entropy(logits, y).item(), rel=1e-6)
    loss.backward()
    a, c = (t.detach().double().requires_grad_() for t in (x, w))
    F.cross_entropy(F.linear(a, c), y).backward()
    eps = 4 * torch.finfo(dtype).eps
    assert (w.grad.double() - c.grad).norm() < 4 * eps * c.grad.norm()
    assert (x.grad.double() - a.grad).norm() < 4 * eps * a.grad.norm()


def test_the_same_bits_with_one_thread_and_two():
    y, found = targets()["labels"]["target"], []
    before = torch.get_num_threads()
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            x, w, _ = made(torch.float32)
            found.append(linear_cross_entropy(x, w, y, reduction="none"))
    finally:
        torch.set_num_threads(before)
    assert torch.equal(*found)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"target": torch.tensor([0, V])}, IndexError, "target is 150 in row 1, expected a label from 0 to 149"),
        ({"linear_weight": torch.zeros(D, V)}, InputError, "linear_weight has shape"),
        ({"linear_weight": torch.zeros(V, D).half()}, InputError, "linear_weight holds torch.float16, expected"),
        ({"target": torch.tensor([0.5, 1.0])}, InputError, "target has shape"),
        ({"normalizer": 3.0, "reduction": "sum"}, InputError, "normalizer is given with reduction='sum'"),
        ({"linear_weight": torch.zeros(V, D).long()}, UnsupportedError, "linear_weight holds torch.int64"),
    ],
)
def test_what_is_refused(change, error, words):
    arguments = {"input": torch.zeros(2, D), "linear_weight": torch.zeros(V, D), "target": torch.tensor([0, 1])}
    with pytest.raises(error, match=words):
        linear_cross_entropy(**(arguments | change))
