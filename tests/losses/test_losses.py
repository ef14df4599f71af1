"""The losses against torch's own, finite differences and the words of their refusals."""

import pytest
import torch
from torch.nn import functional as F  # noqa: N812 (torch's own habit)

import kullback as kb
from kullback.errors import InputError, UnsupportedError

N, K = 6, 4


def _logits(seed=0, dtype=torch.float64, n=N):
    return torch.randn(n, K, generator=torch.Generator().manual_seed(seed)).to(dtype).requires_grad_()


LABELS = torch.tensor([0, 3, 1, 2, 2, 0])
SEVERAL = torch.tensor([[0, 0, 1], [3, -100, -100], [-100, -100, -100], [2, -100, 1], [-100, 1, 1], [0, 1, 2]])


def _of_several(x, labels):
    return kb.losses.cross_entropy(x, labels=labels)


SOFT = torch.softmax(torch.randn(N, K, generator=torch.Generator().manual_seed(9), dtype=torch.float64), -1)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(
    "target", [LABELS, torch.tensor([0, -100, 1, -100, 2, 3]), SOFT], ids=["labels", "missing", "soft"]
)
def test_cross_entropy_is_torchs_for_one_label_and_for_rows(reduction, target):
    ours, theirs = _logits(), _logits()
    got, expected = (
        kb.losses.cross_entropy(ours, target, reduction=reduction),
        F.cross_entropy(theirs, target, reduction=reduction),
    )
    torch.testing.assert_close(got, expected, rtol=1e-13, atol=1e-15)
    got.sum().backward()
    expected.sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-12, atol=1e-15)


def test_several_labels_are_averaged_within_an_input_before_the_inputs_are():
    log_q = torch.log_softmax(_logits().detach(), -1)
    each = [
        -sum(log_q[i, y] for y in row[row >= 0]) / len(row[row >= 0])
        for i, row in enumerate(SEVERAL)
        if (row >= 0).any()
    ]
    torch.testing.assert_close(kb.losses.cross_entropy(_logits(), labels=SEVERAL), torch.stack(each).mean())
    torch.testing.assert_close(
        kb.losses.cross_entropy(_logits(), labels=SEVERAL, reduction="sum"), torch.stack(each).sum()
    )
    none = kb.losses.cross_entropy(_logits(), labels=SEVERAL, reduction="none")
    assert (none.shape, none[2].item()) == ((N,), 0.0)
    complete = torch.stack([LABELS, LABELS.roll(1)], 1)
    expected = torch.stack([F.cross_entropy(_logits(), y, reduction="none") for y in complete.T]).mean(0)
    for reduction, value in {"mean": expected.mean(), "sum": expected.sum(), "none": expected}.items():
        torch.testing.assert_close(kb.losses.cross_entropy(_logits(), labels=complete, reduction=reduction), value)


def test_ignore_index_may_be_a_class_or_anything():
    torch.testing.assert_close(
        kb.losses.cross_entropy(_logits(), LABELS, ignore_index=2), F.cross_entropy(_logits(), LABELS, ignore_index=2)
    )
    missing = torch.where(SEVERAL < 0, 99, SEVERAL)
    torch.testing.assert_close(
        kb.losses.cross_entropy(_logits(), labels=missing, ignore_index=99),
        kb.losses.cross_entropy(_logits(), labels=SEVERAL),
    )


def test_kl_divergence_is_torchs_batch_mean():
    got = kb.losses.kl_divergence(_logits(), SOFT)
    torch.testing.assert_close(
        got, F.kl_div(torch.log_softmax(_logits(), -1), SOFT, reduction="batchmean"), rtol=1e-12, atol=0
    )
    assert kb.losses.kl_divergence(_logits(), torch.softmax(_logits().detach(), -1), reduction="none").min() >= 0


def test_the_target_of_kl_divergence_is_constant():
    p = SOFT.clone().requires_grad_()
    kb.losses.kl_divergence(_logits(), p).backward()
    assert p.grad is None


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_losses_have_the_type_of_the_logits(dtype):
    tolerance = max(torch.finfo(dtype).eps, 1e-6)
    for loss, target in (
        (kb.losses.cross_entropy, LABELS),
        (_of_several, SEVERAL),
        (kb.losses.cross_entropy, SOFT),
        (kb.losses.kl_divergence, SOFT),
    ):
        x = _logits(dtype=dtype)
        value = loss(x, target)
        assert value.dtype == dtype
        assert value.item() == pytest.approx(loss(x.detach().double(), target).item(), rel=2 * tolerance)
        value.backward()
        assert x.grad.dtype == dtype


def test_gradients_agree_with_finite_differences():
    for loss, target in (
        (kb.losses.cross_entropy, LABELS),
        (_of_several, SEVERAL),
        (kb.losses.cross_entropy, SOFT),
        (kb.losses.kl_divergence, SOFT),
    ):
        assert torch.autograd.gradcheck(lambda x, loss=loss, target=target: loss(x, target), (_logits(),))


def test_zeros_in_targets_and_masked_logits_leave_gradients_finite():
    x = torch.tensor([[-torch.inf, 0.5, 1.0]], requires_grad=True)
    p = torch.tensor([[0.0, 0.0, 1.0]])
    for value in (
        kb.losses.cross_entropy(x, p),
        kb.losses.kl_divergence(x, p),
        kb.losses.cross_entropy(x, labels=torch.tensor([[2, -100]])),
    ):
        (gradient,) = torch.autograd.grad(value, x)
        assert torch.isfinite(value)
        assert torch.isfinite(gradient).all()
    assert kb.losses.cross_entropy(x, torch.tensor([[1.0, 0.0, 0.0]])).item() == torch.inf


def test_the_mean_over_no_labels_is_nan_as_in_torch():
    nothing = torch.full((2,), -100)
    assert torch.isnan(F.cross_entropy(_logits(n=2), nothing))
    assert torch.isnan(kb.losses.cross_entropy(_logits(n=2), nothing))
    assert torch.isnan(kb.losses.cross_entropy(_logits(n=2), labels=nothing[:, None].expand(2, 3)))


REFUSED = [
    (
        torch.tensor([0, 1, 4]),
        InputError,
        "target is 4 in row 2, expected a label from 0 to 3; a missing label is -100, the ignore_index",
    ),
    (
        torch.tensor([0, -1, -100]),
        InputError,
        "target is -1 in row 1, expected a label from 0 to 3; a missing label is -100, the ignore_index",
    ),
    (
        torch.tensor([0, 1]),
        InputError,
        "target has shape (2,) where input has (3, 4), expected labels of shape (3,); "
        "k labels per input are labels=target",
    ),
    (
        torch.full((3, 2), 0.5),
        InputError,
        "target has shape (3, 2) where input has (3, 4), expected rows of K probabilities; "
        "labels are integers, target.long()",
    ),
    (
        torch.tensor([True, False, True]),
        UnsupportedError,
        "target holds torch.bool, expected integer labels or rows of probabilities",
    ),
]


@pytest.mark.parametrize(("target", "error", "message"), REFUSED)
def test_cross_entropy_refuses_in_these_words(target, error, message):
    with pytest.raises(error) as caught:
        kb.losses.cross_entropy(_logits(n=3), target)
    assert str(caught.value) == message


def test_a_label_out_of_range_is_an_index_error_as_in_torch():
    with pytest.raises(IndexError):
        kb.losses.cross_entropy(_logits(n=1), torch.tensor([K]))


def test_logits_and_reductions_are_checked():
    with pytest.raises(InputError) as caught:
        kb.losses.kl_divergence(torch.zeros(2, 3, 4), SOFT)
    assert str(caught.value) == "input has shape (2, 3, 4), expected logits of shape (N, K); input.reshape(-1, K)"
    with pytest.raises(UnsupportedError) as caught:
        kb.losses.cross_entropy(torch.zeros(2, 3, dtype=torch.int64), LABELS)
    assert str(caught.value) == "input holds torch.int64, expected floating-point logits; input.float()"
    with pytest.raises(InputError) as caught:
        kb.losses.cross_entropy(_logits(), LABELS, reduction="batchmean")
    assert str(caught.value) == "reduction is 'batchmean', expected one of mean, sum, none; use reduction='mean'"
    with pytest.raises(UnsupportedError) as caught:
        kb.losses.kl_divergence(_logits(), LABELS)
    assert str(caught.value) == "target holds torch.int64, expected rows of probabilities; target.float()"


def test_first_lines_say_which_is_p_and_which_is_q():
    for name in kb.losses.__all__:
        first = getattr(kb.losses, name).__doc__.splitlines()[0]
        assert "P = target" in first
        assert "Q = softmax(input)" in first


def test_arrays_of_other_libraries_are_refused():
    with pytest.raises(UnsupportedError, match=r"input is a ndarray, expected a torch tensor; torch.as_"):
        kb.losses.cross_entropy(torch.zeros(2, 3).numpy(), torch.tensor([0, 1]))
