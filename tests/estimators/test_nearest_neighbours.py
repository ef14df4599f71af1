"""Nearest neighbours: closed forms, laws that hold exactly, formulas by hand, and what is refused or doubted."""

import numpy as np
import pytest
import scipy.stats
from mpmath import mp, psi
from scipy.spatial.distance import cdist

from kullback.errors import InputError
from kullback.estimators import nearest_neighbours as nn
from kullback.estimators.nearest_neighbours import doubts

SEED = 20261125
NORMAL = 0.5 * np.log(2 * np.pi * np.e)


def draws(n, n_columns, seed=SEED):
    return np.random.default_rng(seed).normal(size=(n, n_columns))


def within(estimate, truth, errors=4.0):
    return abs(estimate.value - truth) < errors * estimate.std_error


@pytest.mark.parametrize("n_columns", [1, 2, 3, 5, 10])
def test_entropy_of_normal_samples(n_columns):
    got = nn.entropy(draws(3000, n_columns))
    assert within(got, n_columns * NORMAL)
    assert (got.method, got.unit, got.n, got.reliable, got.notes) == ("nearest neighbours", "nat", 3000, True, ())
    assert 0.9 < got.std_error / np.sqrt((n_columns / 2 + 0.63 * (n_columns > 1) + 0.06 * n_columns) / 3000) < 1.1


def test_one_column_is_vasiceks_sum_with_the_mean_of_its_uniform_spacings():
    x = np.array([0.0, 0.5, 2.0, 2.25, 4.0])
    widths, steps = [0.5, 2.0, 1.75, 2.0, 1.75], [1, 2, 2, 2, 1]
    expected = np.mean([np.log(w) + float(psi(0, 6) - psi(0, s)) for w, s in zip(widths, steps, strict=True)])
    assert nn.entropy(x[[3, 0, 4, 1, 2], None], n_neighbors=1).value == pytest.approx(expected, rel=1e-13)


def test_one_column_is_unbiased_for_the_uniform_density_at_any_n():
    values = [nn.entropy(np.random.default_rng(i).random((12, 1)), n_neighbors=1).value for i in range(1000)]
    edges = 1 / 13  # the extremes stand for the ends of the support, two spacings short of it
    assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(1000) + edges


def information_by_hand(z, blocks, k):
    """Kraskov, Stögbauer and Grassberger's eq. 23 by all distances."""
    n = len(z)
    joint = cdist(z, z, "chebyshev")
    np.fill_diagonal(joint, np.inf)
    radius = np.sort(joint, axis=1)[:, k - 1]
    total = float(psi(0, k)) + (len(blocks) - 1) * float(psi(0, n))
    for block in blocks:
        apart = cdist(z[:, block], z[:, block], "chebyshev")
        nearer = (apart < radius[:, None] * (1 - 1e-9)).sum(axis=1)  # the point itself is the + 1
        total -= np.mean([float(psi(0, int(count))) for count in nearer])
    return total


def linear_correlation_out(block):
    z = block / block.std(axis=0)
    correlation = z.T @ z / len(z)
    if abs(correlation[0, 1]) * np.sqrt(len(z)) < 4:
        return z
    variances, directions = np.linalg.eigh(correlation)
    return z @ directions / np.sqrt(variances)


def test_mutual_information_is_kraskovs_formula():
    x = draws(150, 4)
    x[:, 2:] += x[:, :2]
    x -= x.mean(axis=0)
    turned = [linear_correlation_out(block) for block in (x[:, :2], x[:, 2:])]
    expected = information_by_hand(np.hstack(turned), [[0, 1], [2, 3]], 3)
    assert nn.mutual_information(x[:, :2], x[:, 2:]).value == pytest.approx(expected, rel=1e-12)


def test_mutual_information_of_two_columns_goes_by_normal_scores():
    x = draws(150, 2)
    x[:, 1] += x[:, 0] ** 2
    scores = scipy.stats.norm.ppf((scipy.stats.rankdata(x, axis=0) - 0.5) / 150)
    expected = information_by_hand(scores, [[0], [1]], 3)
    assert nn.mutual_information(x[:, :1], x[:, 1:]).value == pytest.approx(expected, rel=1e-12)


def test_entropy_of_two_columns_is_spacings_less_kraskovs_information():
    x = draws(200, 2)
    x -= x.mean(axis=0)
    z = x / x.std(axis=0)
    columns = sum(nn.entropy(x[:, [i]]).value for i in (0, 1))
    assert nn.entropy(x).value == pytest.approx(columns - information_by_hand(z, [[0], [1]], 3), rel=1e-12)


def test_laws_of_affine_maps():
    x, y = draws(500, 3), 1.5 * draws(400, 3, seed=1) + 0.5
    scale, shift = np.array([1e-6, 1.0, 1e6]), np.array([5.0, -1.0, 0.0])
    assert nn.entropy(scale * x + shift).value == pytest.approx(nn.entropy(x).value, abs=1e-8)
    assert nn.entropy(3 * x).value == pytest.approx(nn.entropy(x).value + 3 * np.log(3), rel=1e-12)
    both = nn.kl_divergence(scale * x + shift, scale * y + shift)
    assert both.value == pytest.approx(nn.kl_divergence(x, y).value, abs=1e-8)
    stretched = nn.cross_entropy(3 * x, 3 * y).value
    assert stretched == pytest.approx(nn.cross_entropy(x, y).value + 3 * np.log(3), rel=1e-12)
    information = nn.mutual_information(x[:, :1], x[:, 1:])
    assert nn.mutual_information(np.exp(x[:, :1]), 7 * x[:, 1:]).value == pytest.approx(information.value, abs=1e-12)


def test_the_order_of_rows_and_columns_does_not_matter():
    x, y = draws(300, 3), draws(200, 3, seed=1)
    rows = np.random.default_rng(2).permutation(300)
    assert nn.entropy(x[rows]).value == pytest.approx(nn.entropy(x).value, rel=1e-12)
    assert nn.entropy(x[:, ::-1]).value == pytest.approx(nn.entropy(x).value, rel=1e-12)
    assert nn.kl_divergence(x[rows], y).value == pytest.approx(nn.kl_divergence(x, y).value, abs=1e-12)


def test_kl_is_cross_entropy_less_entropy():
    x, y = draws(400, 2), 2 * draws(300, 2, seed=1)
    difference = nn.cross_entropy(x, y).value - nn.entropy(x).value
    assert nn.kl_divergence(x, y).value == pytest.approx(difference, rel=1e-11)


def test_truths_of_two_samples():
    x, y = draws(4000, 2), 2 * draws(3000, 2, seed=1)
    assert within(nn.kl_divergence(x, y), 2 * (np.log(2) + 1 / 8 - 1 / 2))
    assert within(nn.cross_entropy(x, y), 2 * (np.log(2) + 0.5 * np.log(2 * np.pi) + 1 / 8))
    assert within(nn.mutual_information(x[:, :1], 0.6 * x[:, :1] + 0.8 * x[:, 1:]), -0.5 * np.log(1 - 0.36))


def test_noise_of_spacings_is_the_textbook_sum():
    """Neighbouring log spacings of m steps: Σ_j Cov = (2m² − 2m + 1) ψ'(m) − 2m + 1, by simulated exponentials."""
    gaps = np.random.default_rng(SEED).exponential(size=(4000, 400))
    for m in (1, 2, 6):
        sums = np.cumsum(np.pad(gaps, ((0, 0), (1, 0))), axis=1)
        means = np.log((sums[:, m:] - sums[:, :-m]) / sums[:, -1:]).mean(axis=1)
        assert doubts.spacing_noise(m) == pytest.approx(400 * means.var(), rel=4 * np.sqrt(2 / 4000) + 0.05)
    mp.dps = 30
    assert doubts.spacing_noise(1) == pytest.approx(float(mp.pi**2 / 6 - 1), rel=1e-14)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros(5), "x has shape (5,), expected (n, D); one column? x.reshape(-1, 1)"),
        (draws(3, 1), "x has 3 rows, expected at least 4 for n_neighbors=3; use fewer: n_neighbors=2"),
        (draws(4, 5), "x has 4 rows and 5 columns, expected more rows than columns; transposed? x.T"),
        (
            np.where(np.arange(20).reshape(10, 2) == 7, np.nan, 1.0),
            "x holds nan in row 3, column 1, expected finite numbers; leave it out: x[numpy.isfinite(x).all(axis=1)]",
        ),
        (
            np.column_stack([draws(9, 1), np.ones(9)]),
            "x is constant in column 1, expected draws of a density; leave it out: numpy.delete(x, 1, axis=1)",
        ),
        (
            np.arange(40).reshape(40, 1) % 4.0,
            "x holds 36 duplicates among the 40 values of column 0, expected draws of a density; "
            "discrete? kb.Sample(x, continuous=False)",
        ),
        (
            draws(50, 2) @ [[1.0, 0.0, 1.0], [0.0, 1.0, -2.0]],
            "x has in column 2 a linear combination of the columns before it, expected a density over all columns "
            "(the entropy is -inf); leave it out: numpy.delete(x, 2, axis=1)",
        ),
    ],
)
def test_refusals(x, message):
    with pytest.raises(InputError) as caught:
        nn.entropy(x)
    assert str(caught.value) == message


@pytest.mark.parametrize("n_neighbors", [0, -1, 2.5, True, "3"])
def test_numbers_of_neighbours_that_are_none(n_neighbors):
    with pytest.raises(InputError, match=r"n_neighbors is .*, expected a positive integer; use n_neighbors=3"):
        nn.entropy(draws(50, 1), n_neighbors=n_neighbors)


def test_two_samples_that_do_not_go_together():
    with pytest.raises(InputError, match="y has 2 columns and x 3, expected the same columns; leave out the others"):
        nn.kl_divergence(draws(50, 3), draws(50, 2))
    with pytest.raises(InputError, match="y has 40 rows where x has 50, expected one for each; pair them row by row"):
        nn.mutual_information(draws(50, 1), draws(40, 1))
    with pytest.raises(InputError, match="y is constant in column 0"):
        nn.cross_entropy(draws(50, 1), np.ones((50, 1)))


def test_duplicates_are_finite_and_said():
    x = draws(1000, 2)
    x[:40] = x[40:80]
    x[80:90] = x[90]
    got = nn.entropy(x)
    assert within(got, 2 * NORMAL, 5)
    assert not got.reliable
    assert "x holds 50 duplicates in column 0: taken for rounding" in got.notes[-2]
    y = np.vstack([x[:30], draws(900, 2, seed=1)])
    crossed = nn.kl_divergence(x, y)
    assert np.isfinite([crossed.value, crossed.std_error]).all()
    assert abs(crossed.value) < 0.25
    assert np.isfinite(nn.mutual_information(x[:, :1], x[:, 1:]).value)


def test_rounded_to_a_thousandth_hardly_changes():
    x = draws(400, 1)
    rounded = nn.entropy(np.round(x, 3))
    assert rounded.value == pytest.approx(nn.entropy(x).value, abs=0.02)
    assert not rounded.reliable


def test_dependence_beyond_linear_is_doubted():
    x = draws(500, 10)
    sphere = x / np.linalg.norm(x, axis=1, keepdims=True) * (3 + 0.3 * draws(500, 1, seed=1))
    for bent in (sphere, np.column_stack([x[:, 0], x[:, 0] ** 2 + 0.3 * x[:, 1]])):
        got = nn.entropy(bent)
        assert not got.reliable
        assert got.notes == ("bias: the columns of x depend on each other beyond linear correlation",)


def test_tails_beyond_q_are_doubted():
    got = nn.kl_divergence(3 * draws(1500, 1), draws(1500, 1, seed=1))
    assert not got.reliable
    assert got.notes[0].startswith("x lies where draws of y are rare")
    truth = np.log(1 / 3) + 9 / 2 - 1 / 2
    assert got.value < truth
    few = nn.cross_entropy(draws(1500, 1), draws(900, 1, seed=1))
    assert not few.reliable
    assert few.notes[0].startswith("fewer than 1000 draws of each")


def test_a_known_model_takes_the_place_of_a_sample():
    x = np.exp(draws(4000, 2))
    laws = [scipy.stats.lognorm(1), scipy.stats.lognorm(2)]
    information = np.stack([-law.logpdf(x).sum(axis=1) for law in laws], axis=1)
    got = nn.kl_to_known(x, information)
    truth = 2 * (np.log(2) + 1 / 8 - 1 / 2)
    assert np.all(np.abs(got.value - [0, truth]) < 4 * got.std_error)
    assert got.reliable
    impossible = nn.kl_to_known(x, np.where(np.arange(4000) == 7, np.inf, 1.0)[:, None])
    assert (impossible.value[0], impossible.std_error[0]) == (np.inf, 0.0)


def test_information_in_many_columns_is_doubted_where_there_is_some():
    x = draws(500, 3)
    assert not nn.mutual_information(x, 0.6 * x + 0.8 * draws(500, 3, seed=1)).reliable
    assert nn.mutual_information(x, draws(500, 3, seed=3)).reliable
    near = nn.mutual_information(x[:, :1], x[:, :1] + 0.02 * x[:, 1:2])
    assert "bias: near or above 0.8 nats" in " ".join(near.notes)


def test_other_densities():
    for name, law in {
        "uniform": scipy.stats.uniform(),
        "t": scipy.stats.t(5),
        "lognormal": scipy.stats.lognorm(1),
    }.items():
        x = law.rvs(size=(3000, 3), random_state=7)
        assert within(nn.entropy(x), 3 * law.entropy()), name
