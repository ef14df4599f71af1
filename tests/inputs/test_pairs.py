"""P and Q through the door together: labels and indices, sizes, devices, NumPy next to torch."""

import numpy as np
import pytest
import torch

import kullback as kb
from kullback.errors import InputError
from kullback.inputs import as_pair


def test_samples_next_to_arrays_are_read_as_indices_and_next_to_samples_by_label():
    p, q = as_pair(kb.Sample([2, 0, np.int64(2)]), [0.2, 0.3, 0.5])
    assert p.counts.tolist() == [1, 0, 2]
    p, q = as_pair(kb.Sample(["a", "b"]), kb.Sample(["b", "c"]))
    assert (p.outcomes, p.counts.tolist(), q.counts.tolist()) == (("a", "b", "c"), [1, 1, 0], [0, 1, 1])
    p, q = as_pair(kb.Sample(["b"], alphabet=["a", "b"]), kb.Sample(["b", "a", "b"], alphabet=["b", "a"]))
    assert (p.counts.tolist(), q.counts.tolist()) == ([0, 1], [1, 2])


PAIRS = {
    "outcomes": (
        [0.5, 0.5],
        [1.0],
        "q has 1 outcomes where p has 2, expected as many; an outcome that cannot happen has probability 0",
    ),
    "rows": (
        np.full((2, 2), 0.5),
        np.full((3, 2), 0.5),
        "q has rows of shape (3,) where p has (2,), expected shapes that broadcast; "
        "compare row with row, or one row with all",
    ),
    "labels": (
        kb.Sample(["a", "b"]),
        [0.5, 0.5],
        "p holds the outcome 'a', expected one of the indices 0 to 1; "
        "name the outcomes in order, kb.Sample(x, alphabet=[...])",
    ),
    "index": (
        [0.5, 0.5],
        kb.Sample([0, 2]),
        "q holds the outcome 2, expected one of the indices 0 to 1; "
        "name the outcomes in order, kb.Sample(x, alphabet=[...])",
    ),
    "alphabets": (
        kb.Sample(["a"], alphabet=["a", "b"]),
        kb.Sample(["c"]),
        "q holds the outcome 'c', expected one of the 2 of the other's alphabet; give both the same alphabet=",
    ),
}


@pytest.mark.parametrize("case", PAIRS)
def test_pairs_that_do_not_fit_are_refused_in_these_words(case):
    p, q, message = PAIRS[case]
    with pytest.raises(InputError) as caught:
        as_pair(p, q)
    assert str(caught.value) == message


def test_devices_are_not_mixed():
    p = torch.tensor([0.5, 0.5])
    with pytest.raises(InputError) as caught:
        as_pair(p, kb.Logits(_OnMeta.like(p)))
    assert str(caught.value) == "q is on elsewhere where p is on cpu, expected one device; q.to(p.device)"


class _OnMeta(torch.Tensor):
    """A tensor that says it is elsewhere: no second device is needed to see the refusal."""

    @classmethod
    def like(cls, x):
        return x.double().as_subclass(cls)

    @property
    def device(self):
        return "elsewhere"


@pytest.mark.parametrize("wrap", [lambda x: x, kb.Logits, kb.Counts])
def test_numpy_next_to_torch_becomes_torch(wrap):
    for p, q in (([1, 0], torch.tensor([1, 0])), (torch.tensor([1, 0]), np.array([1, 0])[::-1])):
        left, right = as_pair(wrap(p), wrap(q))
        for d in (left, right):
            assert isinstance(getattr(d, "counts", None) if wrap is kb.Counts else d.values, torch.Tensor)
