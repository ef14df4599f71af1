"""Gradients of measures with respect to the parameters of both distributions, against differences and closed forms."""

import math

import pytest
import torch
import torch.distributions as td
from tests.cases.families import f64, image

import kullback as kb


def mixture_of(weight, component):
    return td.MixtureSameFamily(td.Categorical(torch.stack([weight, 1 - weight])), component)


def two_normals(w, m, s):
    return mixture_of(w, td.Normal(torch.stack([m, f64(2.0)]), torch.stack([f64(1.0), s])))


def two_uniforms(low, high):
    return mixture_of(f64(0.5), td.Uniform(torch.stack([low, f64(-1.0)]), torch.stack([high, f64(3.0)])))


def squashed(loc, scale):
    return image(td.Normal(loc, scale), td.SigmoidTransform())


MEASURES = {
    "normal beside Laplace": (
        lambda a, b, c, d: kb.kl_divergence(td.Normal(a, b), td.Laplace(c, d), method="quadrature"),
        (0.2, 1.1, -0.5, 0.7),
    ),
    "mixture beside normal": (
        lambda w, m, s, a, b: kb.kl_divergence(two_normals(w, m, s), td.Normal(a, b)),
        (0.3, -1.0, 0.4, 0.5, 2.0),
    ),
    "entropy of a mixture": (lambda w, m, s: kb.entropy(two_normals(w, m, s)), (0.3, -1.0, 0.4)),
    "uniform beside normal": (
        lambda a, b, c, d: kb.kl_divergence(td.Uniform(a, b), td.Normal(c, d), method="quadrature"),
        (-0.5, 2.0, 0.3, 1.2),
    ),
    "uniform, normal: cross-entropy": (
        lambda a, b, c, d: kb.cross_entropy(td.Uniform(a, b), td.Normal(c, d), method="quadrature"),
        (-0.5, 2.0, 0.3, 1.2),
    ),
    "uniform beside Laplace": (
        lambda a, b, c, d: kb.kl_divergence(td.Uniform(a, b), td.Laplace(c, d), method="quadrature"),
        (-0.5, 2.0, 0.3, 1.2),
    ),
    "uniform beside uniforms, one of which ends inside": (
        lambda a, b, c, d: kb.kl_divergence(td.Uniform(a, b), two_uniforms(c, d)),
        (0.0, 2.0, -0.3, 1.1),
    ),
    "Pareto beside Pareto": (
        lambda a, b, c, d: kb.kl_divergence(td.Pareto(a, b), td.Pareto(c, d), method="quadrature"),
        (1.0, 3.0, 0.6, 1.5),
    ),
    "generalized Pareto beside exponential": (
        lambda a, b, c, d: kb.kl_divergence(td.GeneralizedPareto(a, b, c), td.Exponential(d), method="quadrature"),
        (0.5, 1.0, 0.2, 0.6),
    ),
    "bounded generalized Pareto beside exponential": (
        lambda a, b, c, d: kb.kl_divergence(td.GeneralizedPareto(a, b, c), td.Exponential(d), method="quadrature"),
        (0.5, 1.0, -0.4, 0.6),
    ),
    "beta beside Kumaraswamy": (
        lambda a, b, c, d: kb.kl_divergence(td.Beta(a, b), td.Kumaraswamy(c, d), method="quadrature"),
        (1.5, 2.0, 0.7, 0.8),
    ),
    "squashed normal beside a flat beta": (
        lambda a, b, c, d: kb.kl_divergence(squashed(a, b), td.Beta(c, d), method="quadrature"),
        (0.5, 0.8, 1.0, 1.0),
    ),
    "Student beside Cauchy": (
        lambda v, a, b, c, d: kb.kl_divergence(td.StudentT(v, a, b), td.Cauchy(c, d), method="quadrature"),
        (3.5, 0.2, 1.0, -0.7, 0.8),
    ),
    "affine image of an exponential": (
        lambda r, a, b: kb.entropy(image(td.Exponential(r), td.AffineTransform(a, b)), method="quadrature"),
        (0.5, 0.2, 1.5),
    ),
    "near-equal normals": (
        lambda a, b, c, d: kb.kl_divergence(td.Normal(a, b), td.Normal(c, d), method="quadrature"),
        (0.5, 1.0, 0.501, 1.001),
    ),
    "Jensen-Shannon": (
        lambda a, b, c, d: kb.jensen_shannon(td.Normal(a, b), td.Laplace(c, d)),
        (0.2, 1.1, -0.5, 0.7),
    ),
    "Poisson beside geometric": (
        lambda a, b: kb.kl_divergence(td.Poisson(a), td.Geometric(b), method="series"),
        (3.0, 0.3),
    ),
    "negative binomial beside Poisson": (
        lambda r, p, b: kb.kl_divergence(td.NegativeBinomial(r, probs=p), td.Poisson(b), method="series"),
        (3.0, 0.4, 2.0),
    ),
    "mixture of Poissons": (
        lambda w, a, b: kb.entropy(mixture_of(w, td.Poisson(torch.stack([a, b])))),
        (0.3, 2.0, 9.0),
    ),
    "binomial beside Poisson": (
        lambda a, b: kb.kl_divergence(td.Binomial(5, a), td.Poisson(b), method="exact sum"),
        (0.3, 2.0),
    ),
    "multinomial": (
        lambda *x: kb.entropy(td.Multinomial(4, logits=torch.stack(x)), method="exact sum"),
        (0.3, 0.6, 0.0),
    ),
}


def gradients(measure, at, dtype=torch.float64):
    """Those of torch, None where no graph reaches a parameter."""
    x = [torch.tensor(v, dtype=dtype, requires_grad=True) for v in at]
    return torch.autograd.grad(measure(*x).value, x, allow_unused=True)


def difference(measure, at, i, h=1e-5):
    ends = []
    for step in (h, -h):
        x = [f64(v + step * (j == i)) for j, v in enumerate(at)]
        ends.append(float(measure(*x)))
    return (ends[0] - ends[1]) / (2 * h)


@pytest.mark.parametrize("name", MEASURES)
def test_gradients_are_differences(name):
    measure, at = MEASURES[name]
    for i, gradient in enumerate(gradients(measure, at)):
        assert gradient is not None
        assert float(gradient) == pytest.approx(difference(measure, at, i), rel=1e-6, abs=1e-7)


FLOAT32 = ("normal beside Laplace", "mixture beside normal", "Poisson beside geometric", "binomial beside Poisson")


@pytest.mark.parametrize("name", FLOAT32)
def test_float32_parameters_keep_their_graph(name):
    measure, at = MEASURES[name]
    for gradient, exact in zip(gradients(measure, at, torch.float32), gradients(measure, at), strict=True):
        assert gradient is not None
        assert gradient.dtype == torch.float32
        assert float(gradient) == pytest.approx(float(exact), rel=1e-5)


def test_gradients_in_closed_form():
    """KL(U(a, b)‖N(0, 1)) = −log(b − a) + ½ log 2π + (a² + ab + b²)/6: the edges move."""
    a, b = f64(-0.5).requires_grad_(), f64(2.0).requires_grad_()
    value = kb.kl_divergence(td.Uniform(a, b), td.Normal(f64(0.0), f64(1.0)), method="quadrature").value
    assert float(value.detach()) == pytest.approx(-math.log(2.5) + 0.5 * math.log(2 * math.pi) + 3.25 / 6, rel=1e-12)
    by_a, by_b = torch.autograd.grad(value, (a, b))
    assert float(by_a) == pytest.approx(1 / 2.5 + (2 * -0.5 + 2.0) / 6, rel=1e-10)
    assert float(by_b) == pytest.approx(-1 / 2.5 + (2 * 2.0 - 0.5) / 6, rel=1e-10)


def test_gradients_through_cubature():
    """KL of a mixture beside N(0, c·1) depends on c by 1/c − E|x|²/(2c²) in two dimensions."""
    m, c = f64([0.3, 0.6]).requires_grad_(), f64(3.0).requires_grad_()
    eye = torch.eye(2, dtype=torch.float64)
    p = td.MixtureSameFamily(
        td.Categorical(f64([0.3, 0.7])), td.MultivariateNormal(torch.stack([m, f64([2.0, 2.0])]), eye)
    )
    got = kb.cross_entropy(p, td.MultivariateNormal(f64([0.0, 0.0]), c * eye), method="cubature", rtol=1e-8)
    square = 2 + 0.3 * (0.3**2 + 0.6**2) + 0.7 * 8
    assert float(got) == pytest.approx(math.log(2 * math.pi * 3) + square / 6, rel=1e-8)
    by_m, by_c = torch.autograd.grad(got.value, (m, c), allow_unused=True)
    assert by_m.tolist() == pytest.approx([0.3 * 0.3 / 3, 0.3 * 0.6 / 3], rel=1e-7)
    assert by_c is not None
    assert float(by_c) == pytest.approx(1 / 3 - square / 18, rel=1e-7)


def test_infinite_elements_leave_the_others_their_gradients():
    df = f64([1.0, 5.0]).requires_grad_()
    value = kb.kl_divergence(td.StudentT(df), td.Normal(f64(0.0), f64(1.0)), method="quadrature").value
    assert math.isinf(float(value[0].detach()))
    (gradient,) = torch.autograd.grad(value[1], df)
    low = difference(lambda v: kb.kl_divergence(td.StudentT(v), td.Normal(f64(0.0), f64(1.0))), (5.0,), 0)
    assert gradient.tolist() == [0.0, pytest.approx(low, rel=1e-6)]


@pytest.mark.parametrize("method", [None, "quadrature", "monte carlo"])
def test_without_gradients_there_is_no_graph(method):
    loc = torch.tensor(0.2, requires_grad=True)
    p, q = td.Normal(loc, 1.0), td.Laplace(0.0, 1.0)
    with torch.no_grad():
        assert not kb.kl_divergence(p, q, method=method, rng=0).value.requires_grad
    assert kb.kl_divergence(p, q, method=method, rng=0).value.requires_grad
    assert not kb.kl_divergence(td.Normal(0.2, 1.0), q, method=method, rng=0).value.requires_grad
