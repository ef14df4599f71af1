"""The reference kernels against mpmath at 30 digits and scipy, on NumPy and torch."""

import mpmath
import numpy as np
import pytest
import scipy.stats
import torch

from kullback.kernels import reference

P = [0.0, 0.2, 0.3, 0.5]
Q = [0.1, 0.4, 0.25, 0.25]
ROWS = np.random.default_rng(0).dirichlet(np.ones(7), size=(2, 20))
AS = pytest.mark.parametrize("array", [np.asarray, torch.asarray], ids=["numpy", "torch"])


@AS
def test_entropy_agrees_with_scipy(array):
    p = ROWS[0]
    expected = scipy.stats.entropy(p, axis=-1)
    np.testing.assert_allclose(reference.entropy(array(p)), expected, rtol=1e-12)
    np.testing.assert_allclose(reference.entropy_of_logs(array(np.log(p))), expected, rtol=1e-12)


@AS
def test_kl_divergence_agrees_with_scipy(array):
    p, q = ROWS
    expected = scipy.stats.entropy(p, q, axis=-1)
    np.testing.assert_allclose(reference.kl_divergence(array(p), array(q)), expected, rtol=1e-11)
    np.testing.assert_allclose(
        reference.kl_divergence_of_logs(array(np.log(p)), array(np.log(q))), expected, rtol=1e-11
    )


@AS
def test_cross_entropy_agrees_with_a_plain_sum(array):
    p, q = ROWS
    expected = [-sum(a * np.log(b) for a, b in zip(x, y, strict=True)) for x, y in zip(p, q, strict=True)]
    np.testing.assert_allclose(reference.cross_entropy(array(p), array(q)), expected, rtol=1e-12)
    np.testing.assert_allclose(reference.cross_entropy_of_logs(array(p), array(np.log(q))), expected, rtol=1e-12)


@AS
def test_jensen_shannon_agrees_with_scipy(array):
    p, q = ROWS
    expected = scipy.spatial.distance.jensenshannon(p, q, axis=-1) ** 2
    np.testing.assert_allclose(reference.jensen_shannon(array(p), array(q)), expected, rtol=1e-11)


@AS
def test_zero_times_log_zero_is_zero_and_zero_under_a_positive_probability_is_infinite(array):
    p, q = array(np.array([0.5, 0.5, 0.0])), array(np.array([1.0, 0.0, 0.0]))
    assert float(reference.entropy(p)) == pytest.approx(float(mpmath.log(2)), rel=1e-15)
    assert float(reference.entropy(q)) == 0.0
    assert float(reference.cross_entropy(p, q)) == np.inf
    assert float(reference.kl_divergence(p, q)) == np.inf
    assert float(reference.kl_divergence_of_logs(reference.log(p), reference.log(q))) == np.inf
    assert float(reference.kl_divergence(q, p)) == pytest.approx(float(mpmath.log(2)), rel=1e-14)
    assert float(reference.jensen_shannon(q, array(np.array([0.0, 0.0, 1.0])))) == pytest.approx(np.log(2), rel=1e-14)


@pytest.mark.parametrize("size", [1e-2, 1e-4, 1e-6, 1e-8, 1e-12])
@AS
def test_kl_of_nearly_equal_rows_keeps_its_digits(array, size):
    """1000 outcomes; H(P, Q) − H(P) would lose them all."""
    p = np.full(1000, 1e-3)
    q = p * (1 + size * np.where(np.arange(1000) % 2, 1, -1))
    with mpmath.workdps(40):
        terms = [mpmath.mpf(a) * mpmath.log(mpmath.mpf(a) / mpmath.mpf(b)) - a + b for a, b in zip(p, q, strict=True)]
        expected = float(mpmath.fsum(terms))
    assert float(reference.kl_divergence(array(p), array(q))) == pytest.approx(expected, rel=1e-6, abs=0)


@pytest.mark.parametrize(
    "r", [-700.0, -3.0, -0.5, -0.031, -0.029, -1e-5, 1e-9, 0.029, 0.031, 0.7, 0.99, 1.01, 5.0, 690.0]
)
def test_every_term_of_kl_agrees_with_mpmath_over_the_whole_range(r):
    """One outcome, unnormalised on purpose: p (e^r − 1 − r), across the places where the formula changes."""
    p = 1e-300 if r > 100 else 0.5
    q = p * np.exp(r)
    with mpmath.workdps(40):
        a, b = mpmath.mpf(p), mpmath.mpf(float(q))
        expected = float(a * mpmath.log(a / b) - a + b)
    row_p, row_q = np.array([p]), np.array([q])
    assert reference.kl_divergence(row_p, row_q) == pytest.approx(expected, rel=1e-11, abs=0)
    assert reference.kl_divergence_of_logs(np.log(row_p), np.log(row_q)) == pytest.approx(expected, rel=1e-6, abs=1e-20)


@pytest.mark.parametrize("name", ["entropy", "cross_entropy", "kl_divergence", "jensen_shannon"])
def test_gradients_agree_with_finite_differences_inside_and_are_finite_at_zeros(name):
    kernel = getattr(reference, name)
    count = 1 if name == "entropy" else 2
    inside = [torch.tensor(row, dtype=torch.float64, requires_grad=True) for row in ROWS[:count, :3]]
    assert torch.autograd.gradcheck(kernel, inside)
    at_zero = [torch.tensor([0.0, 0.4, 0.6], dtype=torch.float64, requires_grad=True) for _ in range(count)]
    kernel(*at_zero).backward()
    assert all(torch.isfinite(x.grad).all() for x in at_zero)


def test_gradients_of_the_forms_from_logs_are_finite_where_a_logit_is_masked():
    x = torch.tensor([-torch.inf, 0.3, 0.6], dtype=torch.float64, requires_grad=True)
    log_p = reference.log_softmax(x)
    (reference.entropy_of_logs(log_p) + reference.kl_divergence_of_logs(log_p, log_p.roll(0))).backward()
    assert torch.isfinite(x.grad).all()


def test_log_softmax_agrees_with_torch_for_large_logits():
    x = torch.tensor([[1000.0, 999.0], [-1000.0, 1000.0]], dtype=torch.float64)
    np.testing.assert_allclose(reference.log_softmax(x), torch.log_softmax(x, -1), rtol=1e-14)
    np.testing.assert_allclose(reference.log_softmax(x.numpy()), torch.log_softmax(x, -1), rtol=1e-14)


def test_kernels_compute_in_the_type_they_are_given():
    p = torch.tensor([[0.5, 0.5]], dtype=torch.float32)
    assert reference.kl_divergence(p, p).dtype == reference.entropy(p).dtype == torch.float32
