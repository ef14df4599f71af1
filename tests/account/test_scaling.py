"""Temperature, affine and vector scaling against scipy.optimize and finite differences."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize
from scipy.special import log_softmax
from tests.account.worlds import draw

from kullback.account.scaling import MAX_SLOPE, Rows, derivatives, families, fit, rescale, scores, total


def _loss(theta, family, log_q, shares):
    a, b = np.split(family.basis @ theta, 2)
    return -(shares * log_softmax(a * log_q + b, axis=1)).sum(axis=1).mean()


def _oracle(family, log_q, shares):
    bounds = [(0, MAX_SLOPE) if one else (None, None) for one in family.identity]
    options = {"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-10}
    found = minimize(_loss, family.identity, (family, log_q, shares), "L-BFGS-B", bounds=bounds, options=options)
    return found.fun


def _draw(n_classes, slope=1.6, n=600, seed=0, k=1):
    world = draw(np.random.default_rng(seed), n, n_classes, k, slope=slope, shift=(0.7, -0.4))
    counts = (world.labels[:, :, None] == np.arange(n_classes)).sum(axis=1)
    return np.log(world.q), counts / k


def test_families_have_1_k_and_2k_minus_1_parameters():
    assert [len(f.identity) for f in families(5)] == [1, 5, 9]
    assert [len(f.identity) for f in families(2)] == [1, 2]


@pytest.mark.parametrize("n_classes", [2, 3, 6])
@pytest.mark.parametrize("slope", [0.3, 1.0, 1.6, 6.0])
def test_fit_reaches_the_optimum_of_scipy(n_classes, slope):
    log_q, shares = _draw(n_classes, slope, k=2)
    for family in families(n_classes):
        fitted = fit([Rows(log_q[:100], shares[:100]), Rows(log_q[100:], shares[100:])], family)
        best = _oracle(family, log_q, shares)
        assert _loss(fitted.theta, family, log_q, shares) == pytest.approx(best, abs=1e-7)
        assert fitted.loss == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_a_model_that_ranks_backwards_gets_slope_0_and_the_best_offsets(n_classes):
    log_q, shares = _draw(n_classes, slope=-1.0)
    for family in families(n_classes)[:2]:
        fitted = fit([Rows(log_q, shares)], family)
        assert fitted.theta[0] == 0
        assert fitted.loss == pytest.approx(_oracle(family, log_q, shares), abs=1e-6)


def test_the_gap_of_a_confident_model_without_mistakes_is_closed():
    q = np.where(np.eye(3)[np.arange(90) % 3] > 0, 0.98, 0.01)
    for family in families(3):
        assert fit([Rows(np.log(q), np.eye(3)[np.arange(90) % 3])], family).loss < 1e-4


def test_gradient_hessian_and_scores_are_those_of_finite_differences():
    log_q, shares = _draw(3, n=50)
    for family in families(3):
        theta = family.identity + np.linspace(-0.2, 0.3, len(family.identity))
        at = derivatives(Rows(log_q, shares), family, theta)
        assert at.loss / 50 == pytest.approx(_loss(theta, family, log_q, shares), rel=1e-12)
        assert at.gradient / 50 == pytest.approx(approx_fprime(theta, _loss, 1e-7, family, log_q, shares), abs=1e-6)

        def slope(t, i, family=family):
            return derivatives(Rows(log_q, shares), family, t).gradient[i]

        numeric = np.array([approx_fprime(theta, slope, 1e-6, i) for i in range(len(theta))])
        assert at.hessian == pytest.approx(numeric, abs=1e-3)
        assert scores(Rows(log_q, shares), family, theta).sum(axis=0) == pytest.approx(at.gradient)


def test_derivatives_of_pieces_add_up():
    log_q, shares = _draw(3)
    family = families(3)[2]
    whole = derivatives(Rows(log_q, shares), family, family.identity)
    pieces = total(
        [derivatives(Rows(log_q[s], shares[s]), family, family.identity) for s in (slice(99), slice(99, 600))]
    )
    assert pieces.n == whole.n
    assert pieces.hessian == pytest.approx(whole.hessian)


def test_impossible_classes_stay_impossible():
    q = np.array([[0.5, 0.5, 0.0], [0.2, 0.0, 0.8], [0.0, 1.0, 0.0]])
    with np.errstate(divide="ignore"):
        log_q = np.log(q)
    family = families(3)[2]
    theta = np.array([2.0, 0.5, 1.0, 0.3, -0.2])
    new = rescale(log_q, family, theta)
    assert (np.isneginf(new) == (q == 0)).all()
    assert np.exp(new).sum(axis=1) == pytest.approx(1)
    assert np.isfinite(scores(Rows(log_q, np.eye(3)[[0, 2, 1]]), family, theta)).all()
