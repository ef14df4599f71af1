"""Divergences from a teacher against torch's kl_div, float64 formulas, finite differences and the words of refusals."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F  # noqa: N812 (torch's own habit)

from kullback.errors import InputError, UnsupportedError
from kullback.losses.jensen_shannon import JensenShannon, jensen_shannon
from kullback.losses.kl_divergence import KLDivergence, kl_divergence

N, K = 5, 4
DTYPES = [torch.float64, torch.float32, torch.bfloat16, torch.float16]


def draw(seed=0, n=N, k=K, dtype=torch.float64, scale=2.0):
    x = scale * torch.randn(n, k, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return x.to(dtype).requires_grad_()


def kl(x, y, temperature):
    log_q, log_p = (torch.log_softmax(v.double() / temperature, -1) for v in (x, y))
    return F.kl_div(log_q, log_p, log_target=True, reduction="none").sum(-1)


def js(x, y, temperature, w):
    q, p = (torch.softmax(v.double() / temperature, -1) for v in (x, y))
    log_m = torch.log(w * p + (1 - w) * q)
    return w * F.kl_div(log_m, p, reduction="none").sum(-1) + (1 - w) * F.kl_div(log_m, q, reduction="none").sum(-1)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 99), st.integers(1, 6), st.integers(1, 3000), st.sampled_from(DTYPES), st.floats(0.5, 8.0))
def test_values_and_gradients_are_those_of_torch_in_double_precision(seed, n, k, dtype, temperature):
    x, y = draw(seed, n, k, dtype), draw(seed + 1, n, k, dtype).detach()
    exact = x.detach().double().requires_grad_()
    upstream = torch.linspace(-1, 2, n, dtype=torch.float64)
    tolerance = max(2 * torch.finfo(dtype).eps, 3e-6) if dtype != torch.float64 else 1e-11
    for ours, theirs in (
        (kl_divergence(x, y, target_logits=True, temperature=temperature, reduction="none"), kl(exact, y, temperature)),
        (jensen_shannon(x, y, weight=0.3, temperature=temperature, reduction="none"), js(exact, y, temperature, 0.3)),
    ):
        assert ours.dtype == dtype
        torch.testing.assert_close(ours.double(), theirs.detach(), rtol=tolerance, atol=tolerance * 1e-2)
        (got,) = torch.autograd.grad(ours, x, upstream.to(dtype))
        (expected,) = torch.autograd.grad(theirs, exact, upstream.to(dtype).double())
        assert got.dtype == dtype
        small = torch.finfo(dtype).tiny * torch.finfo(dtype).eps
        torch.testing.assert_close(got.double(), expected, rtol=4 * tolerance, atol=1e-8 + small)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("target_logits", [True, False])
def test_gradients_of_both_orders_agree_with_finite_differences(reduction, target_logits):
    y = draw(1).detach() if target_logits else torch.softmax(draw(1).detach(), -1)
    for loss in (kl_divergence, jensen_shannon):

        def f(x, loss=loss):
            return loss(x, y, target_logits=target_logits, temperature=1.7, reduction=reduction)

        assert torch.autograd.gradcheck(f, (draw(),))
        assert torch.autograd.gradgradcheck(f, (draw(),))


def test_a_graph_that_is_kept_gives_the_same_gradient_again():
    for loss in (jensen_shannon, kl_divergence):
        x = draw(dtype=torch.float32)
        value = loss(x, draw(1).detach(), target_logits=True)
        value.backward(retain_graph=True)
        first = x.grad.clone()
        value.backward()
        torch.testing.assert_close(x.grad, 2 * first)


def test_probabilities_and_logits_of_a_teacher_are_the_same():
    x, y = draw(), draw(1).detach()
    p = torch.softmax(y / 2, -1)
    for loss in (kl_divergence, jensen_shannon):
        ours = loss(x, p, target_logits=False, temperature=2.0)
        torch.testing.assert_close(ours, loss(x, y, target_logits=True, temperature=2.0))


def test_extreme_logits():
    inf = torch.inf
    x = torch.tensor([[-inf, 0.0, 1.0], [1e4, 0.0, -1e4], [3.0, 3.0, 3.0]], requires_grad=True)
    y = torch.tensor([[-inf, 0.0, -inf], [-1e4, 0.0, 1e4], [1e4, 1e4, 1e4]])
    value = jensen_shannon(x, y, reduction="none")
    torch.testing.assert_close(value[1:], torch.tensor([math.log(2), 0.0]))
    value.sum().backward()
    assert torch.isfinite(x.grad).all()
    got = kl_divergence(x, y, target_logits=True, reduction="none")
    torch.testing.assert_close(got, torch.tensor([1.3133, 2e4, 0.0]), rtol=1e-4, atol=0)
    assert kl_divergence(y[:1], x[:1].detach(), target_logits=True).item() == inf
    assert jensen_shannon(torch.full((1, 2), torch.nan), torch.zeros(1, 2)).isnan()
    assert kl_divergence(torch.zeros(2, 1), torch.ones(2, 1), target_logits=True).item() == 0.0


def test_teachers_of_another_type_and_strided_logits():
    x, y = draw(dtype=torch.float32), draw(1).detach()
    for teacher in (y, y.float(), y.bfloat16(), y.half()):
        got = kl_divergence(x.bfloat16(), teacher, target_logits=True, reduction="none")
        expected = kl(x.detach().bfloat16(), teacher, 1.0)
        torch.testing.assert_close(got.double(), expected, rtol=1e-2, atol=1e-3)
    strided = draw(2, K, N).T
    torch.testing.assert_close(jensen_shannon(strided, y), js(strided.detach(), y, 1.0, 0.5).mean())


def test_the_teacher_is_constant_and_modules_keep_options():
    x, y = draw(), draw(1)
    for module in (KLDivergence(target_logits=True, temperature=2.0), JensenShannon(temperature=2.0)):
        module(x, y).backward()
        assert y.grad is None
        assert "temperature=2.0" in repr(module)


def test_operators_are_well_registered():
    x, y = draw(dtype=torch.float32).detach(), draw(1, dtype=torch.float32).detach()
    kl_divergence(x, y, target_logits=True)
    for gradient in (True, False):
        torch.library.opcheck(torch.ops.kullback.kl_divergence_of_logits, (x, y, 2.0, gradient))
        torch.library.opcheck(torch.ops.kullback.jensen_shannon_of_logits, (x, y, 2.0, 0.3, gradient))


def test_the_formulas_of_other_devices_agree_with_the_loops():
    from kullback.losses.operators.divergence_of_logits import OPERATORS

    x, y = draw().detach(), draw(1).detach()
    x[0, 1], y[1, 2], x[2, 0], y[2, 0], y[3, 0] = (-torch.inf,) * 4 + (torch.nan,)
    for name, options in (("kl_divergence_of_logits", (1.5,)), ("jensen_shannon_of_logits", (1.5, 0.3))):
        loops, formulas = OPERATORS[name]
        for a, b in zip(loops(x, y, *options, True), formulas(x, y, *options, True), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-11, atol=1e-13, equal_nan=True)


@pytest.mark.filterwarnings("ignore")
def test_torch_compile_takes_them_in_one_graph():
    x, y = draw(dtype=torch.float32), draw(1, dtype=torch.float32).detach()

    @torch.compile(fullgraph=True, backend="aot_eager")
    def f(x, y):
        return jensen_shannon(x, y) + kl_divergence(x, y, target_logits=True, temperature=2.0)

    (got,) = torch.autograd.grad(f(x, y), x)
    (expected,) = torch.autograd.grad(
        jensen_shannon(x, y) + kl_divergence(x, y, target_logits=True, temperature=2.0), x
    )
    torch.testing.assert_close(got, expected)


REFUSED = [
    ({"temperature": 0.0}, InputError, "temperature is 0.0, expected a finite number above 0; temperature=1.0"),
    ({"weight": 1.0}, InputError, "weight is 1.0, expected a number between 0 and 1, neither included; weight=0.5"),
    (
        {"target": torch.zeros(2, 3)},
        InputError,
        "target has shape (2, 3) where input has (5, 4), expected logits of the same shape; "
        "target.reshape(input.shape)",
    ),
    (
        {"target": torch.zeros(5, 4, dtype=torch.long)},
        UnsupportedError,
        "target holds torch.int64, expected logits; target.float()",
    ),
    (
        {"input": torch.zeros(5)},
        InputError,
        "input has shape (5,), expected logits of shape (N, K); input.reshape(-1, K)",
    ),
]


@pytest.mark.parametrize(("changed", "error", "message"), REFUSED)
def test_refusals_are_in_these_words(changed, error, message):
    with pytest.raises(error) as caught:
        jensen_shannon(**({"input": draw(), "target": draw(1)} | changed))
    assert str(caught.value) == message
