"""The words in which the cross-entropy refuses, its module, and when numba is loaded."""

import subprocess
import sys

import pytest
import torch
from torch.nn import functional as F  # noqa: N812 (torch's own habit)

import kullback as kb
from kullback.errors import InputError, UnsupportedError
from kullback.losses.cross_entropy import CrossEntropy

X, Y = torch.zeros(3, 4), torch.tensor([0, 1, 2])
REFUSED = {
    "target has shape (3, 2) where input has (3, 4), expected labels of shape (3,); k labels per input are "
    "labels=target": {"target": torch.zeros(3, 2, dtype=torch.int64)},
    "target and labels are both given, expected one of them; cross_entropy(input, target) or cross_entropy(input, "
    "labels=labels)": {"target": Y, "labels": Y[:, None]},
    "target and labels are neither given, expected one of them; cross_entropy(input, target) or cross_entropy(input, "
    "labels=labels)": {},
    "label_weight is given without labels, expected both; labels=target[:, None]": {"target": Y, "label_weight": X},
    "labels has shape (3,) where input has (3, 4), expected (N, k) where input has (N, K); one row of labels per row "
    "of logits": {"labels": Y},
    "label_weight has shape (3, 4) where labels has (3, 1), expected the same; label_weight.expand(labels.shape)": {
        "labels": Y[:, None],
        "label_weight": X,
    },
    "labels is 4 in row 1, expected a label from 0 to 3; a missing label is -100, the ignore_index": {
        "labels": torch.tensor([[0, 1], [1, 4], [2, 3]])
    },
    "weight has shape (3,) and holds torch.float32, expected one number for each of 4 classes; torch.ones(4)": {
        "target": Y,
        "weight": torch.ones(3),
    },
    "label_smoothing is 1.5, expected a number from 0 to 1; label_smoothing=0.1": {"target": Y, "label_smoothing": 1.5},
    "z_loss is -1, expected a number from 0 on; z_loss=1e-4": {"target": Y, "z_loss": -1},
    "ignore_index is 0, expected none beside rows of probabilities; target[kept]": {"target": X, "ignore_index": 0},
}


@pytest.mark.parametrize("message", REFUSED)
def test_refusals(message):
    with pytest.raises(InputError) as caught:
        kb.losses.cross_entropy(X, **REFUSED[message])
    assert str(caught.value) == message


def test_labels_that_are_no_integers_are_refused():
    with pytest.raises(UnsupportedError, match=r"labels holds torch.float32, expected integer labels; labels.long"):
        kb.losses.cross_entropy(X, labels=torch.zeros(3, 1))


def test_the_module_is_the_function():
    x, y, w = torch.randn(6, 7), torch.arange(6), torch.rand(7)
    module = CrossEntropy(weight=w, label_smoothing=0.1)
    torch.testing.assert_close(module(x, y), F.cross_entropy(x, y, weight=w, label_smoothing=0.1))
    assert list(module.state_dict()) == ["weight"]
    torch.testing.assert_close(module(x, labels=y[:, None]), module(x, y))


def test_numba_comes_with_the_first_large_loss():
    code = (
        "import sys, torch, kullback as kb; y = torch.zeros(64, dtype=torch.int64);"
        "kb.losses.cross_entropy(torch.zeros(64, 2), y); a = 'numba' in sys.modules;"
        "kb.losses.cross_entropy(torch.zeros(64, 1024), y); print(a, 'numba' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False", "True"]
