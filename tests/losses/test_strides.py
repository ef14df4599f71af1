"""Logits, targets, hidden states and heads that do not lie in memory row after row give the same losses."""

import pytest
import torch
from tests.losses.drawn import draw, value_and_slope
from torch.nn import functional as F  # noqa: N812 (torch's own habit)

import kullback as kb
from kullback.losses.operators import softmax_cross_entropy as operators

DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]


LAYOUTS = {
    "transposed": lambda x: x.T.contiguous().T,
    "every other row": lambda x: x.repeat_interleave(2, 0)[::2],
    "every other column": lambda x: x.repeat_interleave(2, 1)[:, ::2],
    "a part": lambda x: F.pad(x, (3, 2, 1, 1))[1:-1, 3:-2],
    "shifted": lambda x: torch.cat([x.new_zeros(1), x.flatten()])[1:].view(x.shape),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_strides_change_nothing(path, layout, dtype):
    x, p, y = draw(12, 40, dtype=dtype), torch.softmax(draw(12, 40, seed=1), 1).to(dtype), torch.arange(12)
    several = torch.stack([y, y.flip(0)], 1)
    lay = LAYOUTS[layout]
    w = torch.linspace(0.5, 2, 40).to(dtype)
    for options, laid in (
        ({"target": y}, {"target": y.repeat_interleave(2)[::2]}),
        ({"target": p}, {"target": lay(p)}),
        ({"labels": several}, {"labels": lay(several)}),
        ({"target": y, "weight": w}, {"target": y, "weight": w.repeat_interleave(3)[::3]}),
    ):
        for reduction in ("mean", "none"):
            expected = value_and_slope(kb.losses.cross_entropy, x, **options, reduction=reduction)
            leaf = lay(x).detach().requires_grad_()
            assert torch.equal(leaf, x)
            value = kb.losses.cross_entropy(leaf, **laid, reduction=reduction)
            value.sum().backward()
            eps = 0 if operators.SMALL == 0 else 8 * torch.finfo(dtype).eps  # torch's own sums depend on strides
            torch.testing.assert_close(value, expected[0], rtol=eps, atol=0)
            torch.testing.assert_close(leaf.grad, expected[1], rtol=eps, atol=eps)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_strides_of_hidden_states_and_heads_change_nothing(path, layout):
    lay, y = LAYOUTS[layout], torch.arange(12)
    x, w = draw(12, 5), draw(40, 5, seed=1)
    plain, laid = [t.clone().requires_grad_() for t in (x, w)], [lay(t).detach().requires_grad_() for t in (x, w)]
    values = [kb.losses.linear_cross_entropy(*leaves, y) for leaves in (plain, laid)]
    for value in values:
        value.backward()
    torch.testing.assert_close(values[1], values[0], rtol=1e-13, atol=0)
    for a, b in zip(laid, plain, strict=True):
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_strides_of_teachers_and_tokens_change_nothing(layout, dtype):
    lay = LAYOUTS[layout]
    x, t, y = draw(12, 40, dtype=dtype), draw(12, 40, seed=1, dtype=dtype), torch.arange(12)
    for loss in (kb.losses.kl_divergence, kb.losses.jensen_shannon):
        expected = value_and_slope(loss, x, t, target_logits=True)
        leaf = lay(x).detach().requires_grad_()
        value = loss(leaf, lay(t), target_logits=True)
        value.backward()
        assert torch.equal(value, expected[0])
        assert torch.equal(leaf.grad, expected[1])
    plain, laid = kb.losses.token_statistics(x, y, other=t), kb.losses.token_statistics(lay(x), y, other=lay(t))
    for name in ("nll", "entropy", "log_sum_exp", "argmax", "rank", "kl"):
        assert torch.equal(getattr(laid, name), getattr(plain, name)), name
