"""Losses in forked processes, in the workers of a DataLoader, in threads at once, and the same bits every time."""

import threading
import warnings

import pytest
import torch
from tests.cases.forked import in_forked_child

import kullback as kb

N, K = 700, 600


def draw(seed, *shape):
    return 2 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


X, OTHER, HEAD = draw(0, N, K), draw(1, N, K), draw(2, K, 32) / 8
HIDDEN, Y = draw(3, N, 32), torch.arange(N) % K
SEVERAL = torch.stack([Y, torch.where(Y % 3 > 0, -100, Y.flip(0))], 1)


def _cross_entropy(x):
    return kb.losses.cross_entropy(x, Y)


def _of_several(x):
    return kb.losses.cross_entropy(x, labels=SEVERAL, label_smoothing=0.1, z_loss=0.01, reduction="none")


def _linear(x):
    return kb.losses.linear_cross_entropy(x, HEAD, Y)


def _kl_divergence(x):
    return kb.losses.kl_divergence(x, OTHER, target_logits=True)


def _jensen_shannon(x):
    return kb.losses.jensen_shannon(x, OTHER)


LOSSES = {
    "cross_entropy": (_cross_entropy, X),
    "several": (_of_several, X),
    "linear_cross_entropy": (_linear, HIDDEN),
    "kl_divergence": (_kl_divergence, X),
    "jensen_shannon": (_jensen_shannon, X),
}


def statistics():
    s = kb.losses.token_statistics(X, Y, other=OTHER)
    t = kb.losses.linear_token_statistics(HIDDEN, HEAD, Y)
    return [s.nll, s.entropy, s.log_sum_exp, s.argmax, s.rank, s.kl, t.nll, t.entropy, t.rank]


def everything():
    """Losses and gradients of all, and the statistics."""
    found = statistics()
    for loss, start in LOSSES.values():
        x = start.clone().requires_grad_()
        value = loss(x)
        value.sum().backward()
        found += [value.detach(), x.grad]
    return found


def close(got, expected):
    """Matrix products may differ by the number of threads."""
    for a, b in zip(got, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


@pytest.fixture(autouse=True)
def _two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", [*LOSSES, "statistics"])
def test_the_same_bits_with_one_thread_and_two_and_again(name):
    found = []
    for threads in (1, 2, 2, 1):
        torch.set_num_threads(threads)
        if name == "statistics":
            found.append(statistics()[:6])  # a matrix product of torch's has other bits
            continue
        loss, start = LOSSES[name]
        x = start.clone().requires_grad_()
        value = loss(x)
        value.sum().backward()
        found.append([value.detach(), x.grad])
    if name == "linear_cross_entropy":  # the products are torch's; the losses are ours
        close(found[1], found[0])
        assert torch.equal(found[1][0], found[2][0])
        return
    for again in found[1:]:
        for a, b in zip(again, found[0], strict=True):
            assert torch.equal(a, b)


def _in_child():
    torch.set_num_threads(1)  # torch's own threads do not live through a fork
    return [t.numpy() for t in everything()]


def test_a_forked_child_has_the_losses_of_its_parent():
    parent = everything()  # the parent's threads are running
    close([torch.from_numpy(a) for a in in_forked_child(_in_child)], parent)
    close(everything(), parent)


class Losses(torch.utils.data.Dataset):
    """A dataset that computes its items, as one that filters by a model's loss does."""

    def __len__(self):
        return 4

    def __getitem__(self, i):
        x = X.clone().requires_grad_()
        kb.losses.cross_entropy(x, (Y + i) % K).backward()
        p = torch.softmax(X, 1).numpy()
        return x.grad, kb.losses.token_statistics(X, (Y + i) % K).nll, torch.from_numpy(kb.entropy(p).value)


def test_workers_of_a_data_loader_compute_as_their_parent_does():
    here = [Losses()[i] for i in range(4)]
    loader = torch.utils.data.DataLoader(
        Losses(), batch_size=None, num_workers=2, timeout=120, multiprocessing_context="fork"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python's own, about forks beside threads
        there = list(loader)
    for a, b in zip(there, here, strict=True):
        for u, v in zip(a, b, strict=True):
            assert torch.equal(u, v)


def test_four_threads_may_call_at_once():
    expected, found = everything(), {}

    def call(name):
        found[name] = [everything() for _ in range(2)]

    callers = [threading.Thread(target=call, args=(name,)) for name in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(found) == 4
    for runs in found.values():
        for run in runs:
            close(run, expected)


def test_a_thread_of_a_forked_child_may_call():
    everything()
    assert in_forked_child(_in_threads_of_child) == [True, True]


def _in_threads_of_child():
    torch.set_num_threads(1)
    same = []
    expected = kb.losses.token_statistics(X, Y).nll

    def call():
        torch.set_num_threads(2)
        same.append(torch.equal(kb.losses.token_statistics(X, Y).nll, expected))

    callers = [threading.Thread(target=call) for _ in range(2)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return same
