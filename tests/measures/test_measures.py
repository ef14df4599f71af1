"""Every measure against mpmath, scipy and scikit-learn, and what all share: kinds, dtypes, axes, units, errors."""

import inspect
import math

import mpmath
import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
import torch

import kullback as kb
from kullback import measures
from kullback.errors import InputError, UnsupportedError

P, Q = [0.5, 0.3, 0.2, 0.0], [0.1, 0.2, 0.3, 0.4]
JOINT = np.array([[0.3, 0.1, 0.0], [0.1, 0.2, 0.3]])


def _oracle(name, p, q):
    """The textbook sums at 30 digits."""
    with mpmath.workdps(30):
        x, y = [mpmath.mpf(a) for a in p], [mpmath.mpf(b) for b in q]
        m = [(a + b) / 2 for a, b in zip(x, y, strict=True)]

        def kl(u, v):
            return mpmath.fsum(a * mpmath.log(a / b) for a, b in zip(u, v, strict=True) if a)

        return float(
            {
                "entropy": lambda: -mpmath.fsum(a * mpmath.log(a) for a in x if a),
                "cross_entropy": lambda: -mpmath.fsum(a * mpmath.log(b) for a, b in zip(x, y, strict=True) if a),
                "kl_divergence": lambda: kl(x, y),
                "jensen_shannon": lambda: (kl(x, m) + kl(y, m)) / 2,
            }[name]()
        )


ONE = {"entropy": kb.entropy}
TWO = {"cross_entropy": kb.cross_entropy, "kl_divergence": kb.kl_divergence, "jensen_shannon": kb.jensen_shannon}
ROWS = {**ONE, **TWO}
JOINTS = {"mutual_information": kb.mutual_information, "conditional_entropy": kb.conditional_entropy}


def _call(name, p, q, **keywords):
    return ROWS[name](p, **keywords) if name in ONE else ROWS[name](p, q, **keywords)


@pytest.mark.parametrize("name", ROWS)
def test_values_agree_with_mpmath(name):
    e = _call(name, P, Q)
    assert type(e.value) is float
    assert e.value == pytest.approx(_oracle(name, P, Q), rel=1e-14)
    assert (e.method, e.unit, e.std_error, e.n, e.relation, e.reliable) == ("exact sum", "nat", 0.0, None, "=", True)


@pytest.mark.parametrize("name", ROWS)
def test_logits_are_the_distribution_of_their_softmax(name):
    x, y = np.array([1.0, -2.0, 0.3, 700.0]), np.array([0.0, 3.0, -1.0, 702.0])
    expected = _oracle(name, scipy.special.softmax(x), scipy.special.softmax(y))
    assert _call(name, kb.Logits(x), kb.Logits(y)).value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_any_float_type_is_measured_in_float64(name, dtype):
    p, q = (torch.softmax(torch.randn(4, 8, generator=torch.Generator().manual_seed(i)), -1).to(dtype) for i in (1, 2))
    value = _call(name, p, q).value
    assert (value.dtype, value.shape) == (torch.float64, (4,))
    for row in range(4):
        a, b = p[row].double().tolist(), q[row].double().tolist()
        gap = abs(sum(a) - 1) + abs(sum(b) - 1)  # the sums of rounded rows are not one, nor made so
        assert float(value[row]) == pytest.approx(_oracle(name, a, b), rel=1e-9, abs=2 * gap + 1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64])
def test_numpy_types_are_measured_in_float64(dtype):
    value = kb.entropy(np.eye(3, dtype=dtype)).value
    assert (value.dtype, value.tolist()) == (np.float64, [0.0, 0.0, 0.0])


def test_kl_of_nearly_equal_distributions_keeps_its_digits():
    rng = np.random.default_rng(5)
    p = rng.dirichlet(np.ones(1000))
    q = p * (1 + 1e-4 * rng.standard_normal(1000))
    q /= q.sum()
    with mpmath.workdps(30):
        expected = float(
            mpmath.fsum(
                mpmath.mpf(a) * mpmath.log(mpmath.mpf(a) / b) - a + mpmath.mpf(b) for a, b in zip(p, q, strict=True)
            )
        )
    assert 1e-10 < expected < 1e-8
    assert kb.kl_divergence(p, q).value == pytest.approx(expected, rel=1e-6, abs=0)
    assert kb.kl_divergence(torch.asarray(p), q).value.item() == pytest.approx(expected, rel=1e-6, abs=0)
    assert kb.kl_divergence(kb.Logits(np.log(p)), kb.Logits(np.log(q))).value == pytest.approx(
        expected, rel=1e-6, abs=0
    )


@pytest.mark.parametrize("name", ROWS)
def test_gradients_are_right_inside_and_finite_at_zeros(name):
    p, q = (torch.tensor([a, 0.3, 0.7 - a], dtype=torch.float64, requires_grad=True) for a in (0.2, 0.4))
    arguments = (p,) if name in ONE else (p, q)
    assert torch.autograd.gradcheck(lambda *rows: ROWS[name](*rows).value, arguments)
    x = torch.randn(2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: _call(name, kb.Logits(x), kb.Logits(x.flip(0))).value, (x,))
    zeros = torch.tensor([[0.0, 0.4, 0.6]], dtype=torch.float64, requires_grad=True)
    _call(name, zeros, zeros.flip(-1).roll(1)).value.sum().backward()
    assert torch.isfinite(zeros.grad).all()


@pytest.mark.parametrize("name", JOINTS)
def test_gradients_of_joint_measures(name):
    joint = torch.tensor([[0.1, 0.2], [0.3, 0.4]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: JOINTS[name](x).value, (joint,))
    zeros = torch.tensor([[0.0, 0.0], [0.5, 0.5]], dtype=torch.float64, requires_grad=True)
    JOINTS[name](zeros).value.backward()
    assert torch.isfinite(zeros.grad).all()


@pytest.mark.parametrize("name", ROWS)
def test_torch_gives_a_tensor_with_its_graph(name):
    p = torch.tensor(P, requires_grad=True)
    value = _call(name, p, torch.tensor(Q)).value
    assert (value.shape, value.dtype, value.requires_grad, value.device) == ((), torch.float64, True, p.device)
    mixed = _call(name, p, np.array(Q)).value
    assert isinstance(mixed, torch.Tensor)
    assert float(mixed.detach()) == pytest.approx(_oracle(name, p.tolist(), Q), rel=1e-6)


@pytest.mark.parametrize("name", ROWS)
def test_axes_batches_and_keepdims(name):
    p, q = np.random.default_rng(1).dirichlet(np.ones(4), size=(2, 3, 5))
    expected = np.array([[_oracle(name, p[i, j], q[i, j]) for j in range(5)] for i in range(3)])
    np.testing.assert_allclose(_call(name, p, q).value, expected, rtol=1e-12)
    moved = _call(name, np.moveaxis(p, -1, 0), np.moveaxis(q, -1, 0), axis=0, keepdims=True).value
    assert moved.shape == (1, 3, 5)
    np.testing.assert_allclose(moved[0], expected, rtol=1e-12)
    wrapped = _call(
        name,
        kb.Logits(np.log(np.moveaxis(p, -1, 1)), axis=1),
        kb.Logits(np.log(np.moveaxis(q, -1, 1)), axis=1),
        keepdims=True,
    )
    assert wrapped.value.shape == (3, 1, 5)
    np.testing.assert_allclose(wrapped.value[:, 0], expected, rtol=1e-9)
    assert _call(name, p[0, 0], q[0, 0], keepdims=True).value.shape == (1,)
    one_for_all = _call(name, p, q[0, 0]).value
    assert one_for_all.shape == (3, 5)
    assert one_for_all[2, 1] == pytest.approx(_oracle(name, p[2, 1], q[0, 0]), rel=1e-12)
    if name in TWO:
        assert _call(name, p[0, 0], q, keepdims=True).value.shape == (3, 5, 1)


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize(("base", "unit"), [(2, "bit"), (10, "ban"), (3, "base 3.0"), (None, "nat")])
def test_units(name, base, unit):
    e = _call(name, P, Q, base=base)
    assert e.unit == unit
    assert e.value == pytest.approx(_oracle(name, P, Q) / math.log(base or math.e), rel=1e-13)
    sampled = _call(name, kb.Counts([30, 20, 10, 5]), Q, base=base)
    assert sampled.std_error == pytest.approx(
        _call(name, kb.Counts([30, 20, 10, 5]), Q).std_error / math.log(base or math.e)
    )


def test_infinities_are_said_and_zeros_are_zero():
    assert kb.cross_entropy([0.5, 0.5], [1.0, 0.0]).value == math.inf
    assert kb.kl_divergence([0.5, 0.5], [1.0, 0.0]).value == math.inf
    assert kb.kl_divergence([1.0, 0.0], [0.5, 0.5]).value == pytest.approx(math.log(2), rel=1e-15)
    assert repr(kb.entropy([1, 0])) == "0 nat (exact sum)"
    assert kb.entropy(kb.Logits([0.0, -np.inf])).value == 0.0
    assert kb.perplexity([0.5, 0.5], [1.0, 0.0]).value == math.inf


def test_a_shorter_q_is_never_broadcast():
    with pytest.raises(InputError, match=r"^q has 1 outcomes where p has 2,"):
        kb.kl_divergence([0.5, 0.5], [1.0])


def test_mutual_information_agrees_with_scikit_learn():
    table = np.array([[13, 4, 0], [2, 9, 11]])
    expected = sklearn.metrics.mutual_info_score(None, None, contingency=table)
    assert kb.mutual_information(table / table.sum()).value == pytest.approx(expected, rel=1e-12)
    assert kb.mutual_information(kb.Counts(table), method="plug-in").value == pytest.approx(expected, rel=1e-12)


def test_conditional_entropy_agrees_with_the_mean_of_the_rows():
    p_x = JOINT.sum(1)
    expected = sum(w * scipy.stats.entropy(row / w) for w, row in zip(p_x, JOINT, strict=True))
    assert kb.conditional_entropy(JOINT).value == pytest.approx(expected, rel=1e-12)
    assert kb.conditional_entropy(JOINT.T, axis=(1, 0)).value == pytest.approx(expected, rel=1e-12)
    assert kb.conditional_entropy(np.diag([0.5, 0.5])).value == 0.0
    assert kb.conditional_entropy(JOINT, axis=(1, 0)).value != pytest.approx(expected)


@pytest.mark.parametrize("name", JOINTS)
def test_joint_measures_take_batches_and_keep_dims(name):
    tables = np.random.default_rng(2).dirichlet(np.ones(6), size=4).reshape(4, 2, 3)
    expected = [JOINTS[name](table).value for table in tables]
    np.testing.assert_allclose(JOINTS[name](tables).value, expected, rtol=1e-12)
    moved = JOINTS[name](np.moveaxis(tables, 0, 1), axis=(0, 2), keepdims=True).value
    assert moved.shape == (1, 4, 1)
    np.testing.assert_allclose(moved.ravel(), expected, rtol=1e-12)
    with pytest.raises(UnsupportedError) as caught:
        JOINTS[name](kb.Sample([1, 2]))
    assert str(caught.value) == "joint is a Sample, expected a two-way table; count the pairs, kb.Counts(table)"


def test_perplexity():
    assert kb.perplexity(P).value == pytest.approx(math.exp(_oracle("entropy", P, Q)), rel=1e-14)
    assert kb.perplexity(P, Q).value == pytest.approx(math.exp(_oracle("cross_entropy", P, Q)), rel=1e-14)
    assert (kb.perplexity(P).unit, repr(kb.perplexity([0.25] * 4))) == ("1", "4 (exact sum)")
    h = kb.entropy(kb.Counts([40, 20, 20]))
    assert kb.perplexity(kb.Counts([40, 20, 20])).std_error == pytest.approx(math.exp(h.value) * h.std_error)
    assert kb.perplexity(torch.tensor([0.5, 0.5], requires_grad=True)).value.requires_grad
    assert kb.perplexity([0.5, 0.5], kb.Logits([0.0, -5000.0])).value == math.inf


@pytest.mark.parametrize("array", [np.asarray, torch.asarray])
def test_information(array):
    q = array(np.array([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]]))
    value = kb.information(q, array(np.array([1, 0])), base=2).value
    assert type(value) is type(q)
    assert value.tolist() == [2.0, 0.0]
    assert kb.information(q, 2, base=2).value.tolist() == [2.0, math.inf]
    assert kb.information(q[0], array(np.array([[0, 1], [2, 0]])), base=2).value.tolist() == [[1.0, 2.0], [2.0, 1.0]]
    assert float(kb.information(q[0], 1).value) == pytest.approx(math.log(4))


def test_information_of_labelled_outcomes():
    q = kb.Sample(["a", "b", "b", "b"])
    e = kb.information(q, "b")
    assert e.value == pytest.approx(-math.log(0.75))
    assert e.std_error == pytest.approx(math.sqrt(0.25 / (4 * 0.75)))
    assert (e.n, e.method) == (4, "plug-in")
    np.testing.assert_allclose(kb.information(q, ["a", "b"]).value, -np.log([0.25, 0.75]))
    unseen = kb.information(kb.Counts([3, 0]), 1)
    assert (unseen.value, unseen.reliable) == (math.inf, False)


INFORMATION_REFUSED = [
    ([0.5, 0.5], 2, InputError, "x is 2, expected an index from 0 to 1; count outcomes from 0"),
    ([0.5, 0.5], [0, -1], InputError, "x is -1, expected an index from 0 to 1; count outcomes from 0"),
    ([0.5, 0.5], 0.0, UnsupportedError, "x holds float64, expected indices of outcomes; whole numbers 0 to 1"),
    (kb.Sample(["a"]), ["b"], InputError, "x is 'b', expected one of the 1 outcomes of q; name it in alphabet=[...]"),
    (
        [[0.5, 0.5]],
        [0, 1],
        InputError,
        "x has shape (2,) where q has rows of shape (1,), expected one outcome a row; or a single one for all",
    ),
]


@pytest.mark.parametrize(("q", "x", "error", "message"), INFORMATION_REFUSED)
def test_information_refuses_what_is_not_an_outcome(q, x, error, message):
    with pytest.raises(error) as caught:
        kb.information(q, x)
    assert str(caught.value) == message


def test_every_measure_is_public_documented_and_alike():
    for name in measures.__all__:
        function = getattr(kb, name)
        signature = inspect.signature(function)
        assert function is getattr(measures, name)
        assert all(
            p.kind is p.KEYWORD_ONLY for p in signature.parameters.values() if p.name in ("base", "axis", "method")
        )
        sections = ["Args:", "Returns:", "Raises:", "Example:", "Source:"]
        places = [function.__doc__.index(section) for section in sections]
        assert places == sorted(places)
