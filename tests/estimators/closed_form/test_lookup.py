"""Types and shapes: what is found for which class, batches, dtypes, gradients, rows that a user adds."""

import sys
from typing import ClassVar

import numpy as np
import pytest
import torch
from tests.estimators.closed_form.oracles import f64
from tests.estimators.closed_form.test_pairs import INSTANCES, PAIRS, known
from torch import distributions as d

from kullback.errors import InputError, UnsupportedError
from kullback.estimators.closed_form import FORMULAS, closed_form, register
from kullback.estimators.closed_form.lookup import forget

RNG = np.random.default_rng(20261125)
SCALES = {
    "positive": [0.4, 1.7, 1.7 * (1 + 1e-6), 12.0, 60.0],
    "real": [-2.0, 0.0, 0.1, 0.1 + 1e-6, 4.0],
    "unit": [0.1, 0.4999, 0.5001, 0.4999 + 1e-7, 0.95],
}
KINDS = {
    d.Normal: ("real", "positive"),
    d.Laplace: ("real", "positive"),
    d.Gumbel: ("real", "positive"),
    d.Exponential: ("positive",),
    d.Gamma: ("positive", "positive"),
    d.Weibull: ("positive", "positive"),
    d.Beta: ("positive", "positive"),
    d.ContinuousBernoulli: ("unit",),
    d.VonMises: ("real", "positive"),
    d.Geometric: ("unit",),
    d.Poisson: ("positive",),
}


@pytest.fixture
def table():
    before = dict(FORMULAS)
    yield FORMULAS
    FORMULAS.clear()
    FORMULAS.update(before)
    forget()


@pytest.mark.parametrize("family", KINDS)
def test_a_batch_is_its_elements(family):
    """Each element sees its own branch of every formula, whatever its neighbours need."""
    first = [torch.tensor(RNG.permutation(SCALES[kind])) for kind in KINDS[family]]
    second = [torch.tensor(RNG.permutation(SCALES[kind])) for kind in KINDS[family]]
    p, q = family(*(x[:, None] for x in first)), family(*second)
    batch = closed_form("kl_divergence", p, q)
    rows = [[family(*(x[i] for x in first)), family(*(x[j] for x in second))] for i in range(5) for j in range(5)]
    single = torch.stack([closed_form("kl_divergence", *row) for row in rows]).reshape(5, 5)
    assert batch.shape == (5, 5)
    assert torch.allclose(batch, single, rtol=1e-13, atol=0.0)
    entropies = [closed_form("entropy", family(*(x[i] for x in first))) for i in range(5)]
    if entropies[0] is not None:
        assert torch.allclose(closed_form("entropy", family(*first)), torch.stack(entropies), rtol=1e-13, atol=0.0)


def test_infinite_and_finite_elements_share_a_batch():
    df = torch.tensor([1.5, 2.0, 2.5, 4.0], dtype=torch.float64, requires_grad=True)
    value = closed_form("kl_divergence", d.StudentT(df), d.Normal(*f64(0.0, 1.0)))
    assert torch.isinf(value).tolist() == [True, True, False, False]
    value[2:].sum().backward()
    assert torch.isfinite(df.grad).all()


def test_shapes_broadcast_where_a_formula_does_not_look_at_a_parameter():
    p, q = d.Beta(torch.ones(3, 1), torch.ones(3, 1)), d.Uniform(torch.zeros(2), torch.full((2,), 4.0))
    assert closed_form("cross_entropy", p, q).shape == (3, 2)
    assert closed_form("kl_divergence", p, q).shape == (3, 2)
    assert closed_form("entropy", d.Normal(torch.zeros(3), 1.0)).shape == (3,)
    assert closed_form("kl_divergence", d.Normal(torch.zeros(0), 1.0), d.Normal(0.0, 1.0)).shape == (0,)


def test_float32_is_computed_in_float64():
    for p, q in (("gamma", "log-normal"), ("beta", "normal"), ("weibull", "weibull, stretched")):
        a, b = INSTANCES[p], INSTANCES[q]
        short = []
        for x in (a, b):
            names = x.arg_constraints
            short.append(type(x)(**{name: getattr(x, name).float() for name in names}))
        long = [type(x)(**{name: getattr(x, name).double() for name in x.arg_constraints}) for x in short]
        value = closed_form("kl_divergence", *short)
        assert value.dtype == torch.float64
        assert float(value) == float(closed_form("kl_divergence", *long))


SMOOTH = [
    (d.Normal, d.Normal),
    (d.Laplace, d.Laplace),
    (d.Gumbel, d.Gumbel),
    (d.Cauchy, d.Cauchy),
    (d.Normal, d.Laplace),
    (d.Laplace, d.Gumbel),
    (d.LogNormal, d.Gamma),
    (d.Weibull, d.Gamma),
    (d.Gamma, d.InverseGamma),
    (d.Beta, d.Beta),
    (d.Pareto, d.LogNormal),
]


@pytest.mark.parametrize(("p", "q"), SMOOTH)
@pytest.mark.parametrize("near", [False, True])
def test_gradients_are_those_of_differences(p, q, near):
    second = (2.0 + 1e-3, 3.0) if near else (0.6, 4.0)
    parameters = [
        torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (2.0, 3.1 if near else 1.9, *second)
    ]
    if p is d.Laplace and q is d.Gumbel:
        parameters[1] = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)

    def divergence(a, b, c, e):
        return closed_form("kl_divergence", p(a, b), q(c, e))

    assert torch.autograd.gradcheck(divergence, parameters, eps=1e-5, atol=1e-7, rtol=1e-6)


def test_gradients_at_equality_are_zero():
    for family in (d.Normal, d.Gamma, d.Beta, d.Weibull, d.Gumbel, d.VonMises, d.Laplace):
        x = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (1.3, 2.1)]
        closed_form("kl_divergence", family(*x), family(*f64(1.3, 2.1))).backward()
        assert all(float(v.grad) == pytest.approx(0, abs=1e-9) for v in x)


@pytest.mark.parametrize(
    ("p", "q"), [pair for pair in PAIRS if known(*pair)][::7], ids=lambda name: name.replace(" ", "_")
)
def test_no_gradient_is_nan(p, q):
    leaves = []
    made = []
    for x in (INSTANCES[p], INSTANCES[q]):
        names = [name for name in dict.fromkeys(("temperature", *x.arg_constraints)) if hasattr(x, name)]
        derived = [name for name in vars(x) if name in ("probs", "logits")][1:]
        if not derived:  # then the other one was not asked for yet
            derived = [name for name in ("probs", "logits") if name not in vars(x)]
        names = [name for name in names if name not in derived]
        own = {name: getattr(x, name).detach().clone().requires_grad_() for name in names}
        leaves += own.values()
        made.append(type(x)(**own, validate_args=False))
    value = closed_form("kl_divergence", *made)
    if value.requires_grad and torch.isfinite(value):
        value.backward()
    assert not any(torch.isnan(x.grad).any() for x in leaves if x.grad is not None)


def test_ancestors_are_looked_up():
    class Mine(d.Normal):
        pass

    assert float(closed_form("kl_divergence", Mine(0.0, 1.0), d.Normal(1.0, 1.0))) == 0.5
    assert float(closed_form("cross_entropy", Mine(0.0, 1.0), d.Laplace(0.0, 1.0))) == pytest.approx(
        1.4910317, rel=1e-7
    )
    same = closed_form("kl_divergence", d.Chi2(*f64(4.0)), d.Gamma(*f64(2.0, 0.5)))
    assert float(same) == 0.0
    assert closed_form("kl_divergence", d.StudentT(3.0), d.StudentT(4.0)) is None
    assert closed_form("entropy", d.NegativeBinomial(3.0, torch.tensor(0.3))) is None


def test_what_sums_do_better_is_left_to_them():
    bernoulli, categorical = d.Bernoulli(0.3), d.Categorical(torch.ones(3))
    assert closed_form("entropy", bernoulli) is None
    assert closed_form("kl_divergence", categorical, categorical) is None
    assert closed_form("kl_divergence", d.Binomial(5, torch.tensor(0.3)), d.Binomial(7, torch.tensor(0.4))) is None
    assert float(closed_form("entropy", d.Poisson(0.0))) == 0.0
    assert closed_form("entropy", d.Poisson(1.0)) is None


def test_impossible_successes_and_certain_ones():
    zero, one = d.Poisson(*f64(0.0)), d.Poisson(*f64(1.0))
    assert float(closed_form("kl_divergence", zero, one)) == 1.0
    assert float(closed_form("kl_divergence", zero, zero)) == 0.0
    certain, fair = d.Geometric(*f64(1.0)), d.Geometric(*f64(0.5))
    assert float(closed_form("kl_divergence", certain, fair)) == pytest.approx(np.log(2), rel=1e-15)
    assert float(closed_form("entropy", certain)) == 0.0
    assert float(closed_form("kl_divergence", fair, certain)) == np.inf
    rates = torch.tensor([0.0, 2.0], dtype=torch.float64, requires_grad=True)
    closed_form("kl_divergence", d.Poisson(rates), one).sum().backward()
    assert not torch.isnan(rates.grad).any()


@pytest.mark.usefixtures("table")
def test_a_row_can_be_added():
    class Mine(d.StudentT):
        pass

    p, q = Mine(3.0), Mine(4.0)
    assert closed_form("kl_divergence", p, q) is None
    register("kl_divergence", Mine, Mine, lambda p, q: (p.df - q.df).double() ** 2)
    register("entropy", Mine, None, lambda p: p.df.double())
    assert float(closed_form("kl_divergence", p, q)) == 1.0
    assert float(closed_form("cross_entropy", p, q)) == 4.0
    assert float(closed_form("entropy", d.StudentT(3.0))) != 3.0


@pytest.mark.usefixtures("table")
def test_a_row_must_be_one():
    with pytest.raises(
        InputError, match=r"measure is 'kl', expected one of 'entropy', 'cross_entropy', 'kl_divergence'"
    ):
        register("kl", d.Normal, d.Normal, print)
    with pytest.raises(InputError, match=r"q_type is None, expected a class for 'kl_divergence'"):
        register("kl_divergence", d.Normal, None, print)
    with pytest.raises(UnsupportedError, match=r"p_type is <class 'int'>, expected a subclass of torch's Distribution"):
        register("entropy", int, None, print)
    with pytest.raises(InputError, match=r"measure is 'js', expected one of"):
        closed_form("js", d.Normal(0.0, 1.0), d.Normal(0.0, 1.0))
    with pytest.raises(InputError, match=r"q is None, expected a distribution for 'kl_divergence'"):
        closed_form("kl_divergence", d.Normal(0.0, 1.0))


def test_what_torch_knows_of_others():
    class Line(d.Distribution):
        arg_constraints: ClassVar = {}

        def __init__(self, slope):
            self.slope = slope
            super().__init__(slope.shape, validate_args=False)

        def entropy(self):
            return 1 + self.slope

    @d.register_kl(Line, Line)
    def _(p, q):
        return (p.slope - q.slope) ** 2

    p, q = Line(torch.tensor(1.0)), Line(torch.tensor(1.1))
    assert closed_form("kl_divergence", p, q).dtype == torch.float64
    assert float(closed_form("kl_divergence", p, q)) == pytest.approx((1.0 - float(np.float32(1.1))) ** 2, rel=1e-13)
    assert float(closed_form("cross_entropy", p, q)) == pytest.approx(2.01, rel=1e-6)
    assert closed_form("kl_divergence", p, d.Normal(0.0, 1.0)) is None


def test_the_estimators_do_not_load_torch():
    """The table is imported by whoever has a torch distribution in hand, and so has torch."""
    import subprocess

    code = "import sys, kullback.estimators; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
