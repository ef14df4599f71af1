"""The one door: what is taken, what is refused, and the words of the refusal."""

import subprocess
import sys

import numpy as np
import pytest
import torch

import kullback as kb
from kullback.errors import InputError, NotProbabilities, UnsupportedError
from kullback.inputs import as_distribution, as_table

REMEDY = "Counts? kb.Counts(p). Logits? kb.Logits(p). Observations? kb.Sample(p)."
NAN, INF = float("nan"), float("inf")
THREE_ROWS = np.array([[0.5, 0.5], [0.5, 0.5], [0.5, 0.3]])

REFUSED = {
    "counts": ([3, 1], NotProbabilities, f"p sums to 4.0 along axis -1, expected 1 (within 1e-6). {REMEDY}"),
    "a row": (
        THREE_ROWS,
        NotProbabilities,
        f"p sums to 0.8 along axis -1 in row 2, expected 1 (within 1e-6). {REMEDY}",
    ),
    "a deep row": (
        np.stack([THREE_ROWS[:2], THREE_ROWS[1:]]),
        NotProbabilities,
        f"p sums to 0.8 along axis -1 in row (1, 1), expected 1 (within 1e-6). {REMEDY}",
    ),
    "just too much": (
        [0.5, 0.500002],
        NotProbabilities,
        f"p sums to 1.000002 along axis -1, expected 1 (within 1e-6). {REMEDY}",
    ),
    "a tensor with a graph": (
        torch.tensor([0.5, 0.25], requires_grad=True),
        NotProbabilities,
        f"p sums to 0.75 along axis -1, expected 1 (within 1e-6). {REMEDY}",
    ),
    "nan": (
        [0.5, NAN],
        NotProbabilities,
        "p is nan at index 1, expected finite probabilities; remove or repair it first",
    ),
    "inf": (
        [[0.5, 0.5], [INF, 1]],
        NotProbabilities,
        "p is inf at index (1, 0), expected finite probabilities; remove or repair it first",
    ),
    "negative": (
        [1.5, -0.5],
        NotProbabilities,
        "p is -0.5 at index 1, expected probabilities of at least 0; Logits? kb.Logits(p).",
    ),
    "ragged": ([[1], [0.5, 0.5]], InputError, "p is a ragged list, expected rows of equal length; pad or split it"),
    "empty": ([], InputError, "p has no outcomes, expected at least one; pass probabilities such as [0.5, 0.5]"),
    "text": (["a", "b"], UnsupportedError, "p holds <U1, expected real numbers; Observations? kb.Sample(p)."),
    "boolean": ([True, False], UnsupportedError, "p holds bool, expected real numbers; Observations? kb.Sample(p)."),
    "a number": (np.array(1.0), InputError, "p has shape (), expected an array that has axis=-1; count axes from 0"),
    "masked": (
        np.ma.masked_array([0.5, 0.5, 0.0], mask=[0, 0, 1]),
        UnsupportedError,
        "p is a masked array, expected every number to be there; drop what is masked first",
    ),
    "another library": (
        "abc",
        UnsupportedError,
        "p is a str, expected probabilities (NumPy array, list, tuple or torch tensor), kb.Logits, kb.Counts, "
        "kb.Sample, or a distribution of torch or SciPy. Another array? np.asarray(p).",
    ),
    "nan logits": (
        kb.Logits([0.0, NAN]),
        NotProbabilities,
        "p is nan at index 1, expected logits below inf; remove or repair it first",
    ),
    "masked logits": (
        kb.Logits([[0.0, 1.0], [-INF, -INF]]),
        NotProbabilities,
        "p has only logits of -inf in row 1, expected a finite one; unmask an outcome",
    ),
    "fractions as counts": (
        kb.Counts([0.5, 0.5]),
        InputError,
        "p is 0.5 at index 0, expected whole numbers of at least 0 as counts; Probabilities? pass p without kb.Counts.",
    ),
    "no counts": (
        kb.Counts([[1, 2], [0, 0]]),
        InputError,
        "p has no observations in row 1, expected at least one; drop the row",
    ),
    "no sample": (
        kb.Sample([]),
        InputError,
        "p has no observations, expected at least one; pass kb.Sample([...]) with some",
    ),
    "one observation": (kb.Sample(5), UnsupportedError, "p is a Sample of one int, expected a list of observations"),
    "rows of observations": (
        kb.Sample([[1, 2], [3, 4]]),
        InputError,
        "p is a Sample of rows, expected a flat list of observations; flatten it",
    ),
    "tensors of observations": (
        kb.Sample([torch.tensor(1), torch.tensor(1)]),
        InputError,
        "p is a Sample of tensors, expected one tensor of observations; torch.stack(x)",
    ),
    "missing observation": (
        kb.Sample([1.0, NAN]),
        InputError,
        "p holds nan, expected observations; drop what is missing first",
    ),
    "fractions that are outcomes": (
        kb.Sample([0.1, 0.7], continuous=False),
        InputError,
        "p holds 0.1, expected outcomes of a finite alphabet; name them in alphabet=[...]",
    ),
    "draws with nan": (
        kb.Sample([[0.5, 1.0], [NAN, 2.0]]),
        InputError,
        "p is nan at index (1, 0), expected finite observations; drop what is missing first",
    ),
    "draws of a cube": (
        kb.Sample(np.zeros((2, 2, 2)), continuous=True),
        InputError,
        "p is a Sample of shape (2, 2, 2), expected (n,) numbers or (n, D) vectors; x.reshape(n, -1)",
    ),
    "outside the alphabet": (
        kb.Sample([0, 1, 3], alphabet=3),
        InputError,
        "p holds the outcome 3, expected one of the 3 of the alphabet; add it to alphabet=",
    ),
    "no alphabet": (
        kb.Sample([0], alphabet=0),
        InputError,
        "alphabet of p is 0, expected a positive int or a list of outcomes",
    ),
    "alphabet twice": (
        kb.Sample(["a"], alphabet=["a", "a"]),
        InputError,
        "alphabet of p names an outcome twice, expected each once; use list(dict.fromkeys(...))",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_refused_in_these_words(case):
    x, error, message = REFUSED[case]
    with pytest.raises(error) as caught:
        as_distribution(x, name="p", axis=-1)
    assert str(caught.value) == message
    assert type(caught.value) is error


@pytest.mark.parametrize("K", [5, 5000])
def test_many_numbers_are_refused_in_the_same_words_as_few(K):
    x = np.full((2, 3, K), 1 / K)
    x[1, 2] *= 0.8
    with pytest.raises(NotProbabilities, match=r"^p sums to 0.8 along axis -1 in row \(1, 2\), expected 1"):
        kb.entropy(x)
    with pytest.raises(NotProbabilities, match=r"^joint sums to 2.8 along axes \(-2, -1\) in row 1, expected 1"):
        kb.mutual_information(x * [[[1 / 3]], [[1]]])
    x[0, 1, 3] = -0.5
    with pytest.raises(NotProbabilities, match=r"^p is -0.5 at index \(0, 1, 3\), expected probabilities"):
        kb.entropy(x)


LARGE = np.full((40, 500), 1 / 500, dtype=np.float32)
OFF = LARGE * np.where(np.arange(40) == 7, np.float32(1.1), np.float32(1))[:, None]
MEASURED = {
    "entropy": (kb.entropy, "p"),
    "cross_entropy, p": (lambda bad: kb.cross_entropy(bad, LARGE), "p"),
    "cross_entropy, q": (lambda bad: kb.cross_entropy(LARGE, bad), "q"),
    "cross_entropy of logits": (lambda bad: kb.cross_entropy(bad, kb.Logits(LARGE)), "p"),
    "kl_divergence, p": (lambda bad: kb.kl_divergence(bad, LARGE), "p"),
    "kl_divergence, q": (lambda bad: kb.kl_divergence(LARGE, bad), "q"),
    "kl_divergence of logits": (lambda bad: kb.kl_divergence(kb.Logits(LARGE), bad), "q"),
    "kl_divergence, one p": (lambda bad: kb.kl_divergence(LARGE[0], bad), "q"),
    "jensen_shannon, p": (lambda bad: kb.jensen_shannon(bad, LARGE), "p"),
    "jensen_shannon, q": (lambda bad: kb.jensen_shannon(LARGE, bad), "q"),
    "perplexity": (kb.perplexity, "p"),
    "information": (lambda bad: kb.information(bad, 3), "q"),
}


@pytest.mark.parametrize("library", [np.asarray, torch.from_numpy])
@pytest.mark.parametrize("name", MEASURED)
def test_every_measure_checks_the_many_numbers_that_it_takes(name, library):
    measure, argument = MEASURED[name]
    with pytest.raises(NotProbabilities, match=rf"^{argument} sums to 1.1 along axis -1 in row 7, expected 1"):
        measure(library(OFF))


def test_the_axis_is_named_in_the_message():
    with pytest.raises(NotProbabilities, match="along axis 0 in row 1,"):
        as_distribution([[0.5, 0.5], [0.5, 0.4]], name="p", axis=0)
    with pytest.raises(NotProbabilities, match=r"^joint sums to 1.2 along axes \(-2, -1\), expected 1"):
        as_table([[0.5, 0.1], [0.1, 0.5]], name="joint", axis=(-2, -1))
    with pytest.raises(InputError, match=r"^joint has shape \(2, 2\), expected an array that has axis=\(1, 1\)"):
        as_table([[0.5, 0.5], [0.5, 0.5]], name="joint", axis=(1, 1))


@pytest.mark.parametrize("x", [[1, 0], (0.5, 0.5), np.array([1, 0], dtype=np.int8), np.array([0.5, 0.5 + 1e-6])])
def test_probabilities_are_taken_as_they_are(x):
    p = as_distribution(x, name="p").p
    assert p.dtype == np.float64
    np.testing.assert_array_equal(p, x)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("K", [2, 10, 1000, 30000])
def test_a_softmax_rounded_to_any_type_is_taken(dtype, K):
    x = torch.randn(20, K, generator=torch.Generator().manual_seed(0))
    p = as_distribution(torch.softmax(x, -1).to(dtype), name="p").p
    assert p.dtype == torch.float64


@pytest.mark.parametrize(
    ("dtype", "within"), [(torch.float16, "0.00098"), (torch.bfloat16, "0.0078"), (torch.float32, "1e-6")]
)
def test_a_looser_sum_is_not_taken_for_any_type(dtype, within):
    with pytest.raises(NotProbabilities, match=rf"expected 1 \(within {within}\)"):
        as_distribution(torch.tensor([0.5, 0.53125], dtype=dtype), name="p")


def test_float32_may_miss_one_by_more_with_more_outcomes():
    p = np.full(10000, 1e-4, dtype=np.float32)
    p[0] += 5e-6
    as_distribution(p, name="p")
    with pytest.raises(NotProbabilities, match=r"within 1\.2e-5"):
        as_distribution(p * np.float32(1.0001), name="p")


def test_axes_are_moved_to_the_end():
    x = np.random.default_rng(0).dirichlet(np.ones(6), size=4)
    np.testing.assert_array_equal(as_distribution(x.T, name="p", axis=0).p, x)
    np.testing.assert_array_equal(
        as_distribution(kb.Counts(np.arange(1, 7).reshape(2, 3), axis=0), name="p").n, [5, 7, 9]
    )
    table, shape = as_table(np.moveaxis(x.reshape(4, 2, 3), 0, -1), name="joint", axis=(0, 1))
    np.testing.assert_array_equal(table.p, x)
    assert shape == (2, 3)


@pytest.mark.parametrize("x", [["b", "a", "b"], np.array(["b", "a", "b"]), ("b", "a", "b")])
def test_a_sample_is_counted_over_its_alphabet(x):
    seen = as_distribution(kb.Sample(x), name="p")
    assert seen.outcomes == ("a", "b")
    assert seen.counts.tolist() == [1, 2]
    assert as_distribution(kb.Sample(x, alphabet=["c", "b", "a"]), name="p").counts.tolist() == [0, 2, 1]


def test_a_sample_of_integers_is_counted_with_its_zeros_in_torch_too():
    tally = as_distribution(kb.Sample(torch.tensor([2, 0, 2]), alphabet=4), name="p")
    assert isinstance(tally.counts, torch.Tensor)
    assert tally.counts.tolist() == [1, 0, 2, 0]


def test_the_door_imports_no_torch():
    code = "import sys, kullback as kb; kb.entropy([0.5, 0.5]); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
