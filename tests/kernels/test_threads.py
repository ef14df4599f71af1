"""Loops over rows in threads: every row once, the same bits for one thread and two, after a fork and at once."""

import threading

import numpy as np
import pytest
import torch

pytest.importorskip("numba")

from tests.cases.forked import in_forked_child

from kullback.kernels.cpu import threads
from kullback.kernels.cpu.entropy import entropy

P = np.random.default_rng(0).dirichlet(np.ones(600), size=1500)
EXPECTED = -np.sum(P * np.log(P), axis=-1)


@pytest.fixture(autouse=True)
def _two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize(("n", "width"), [(1, 10), (1000, 1000), (7, 1 << 18), (131073, 1), (5, 0)])
def test_every_row_is_taken_once(count, n, width, monkeypatch):
    monkeypatch.setattr(threads, "count", lambda: count)
    seen = np.zeros(n, dtype=int)

    def loop(begin, end):
        seen[begin:end] += 1

    threads.over_rows(n, width, threads.Loop(loop))
    assert (seen == 1).all()


def test_what_a_thread_raises_reaches_the_caller():
    def loop(begin, end):
        raise ZeroDivisionError(begin, end)

    with pytest.raises(ZeroDivisionError):
        threads.over_rows(1000, 1000, threads.Loop(loop))


def test_two_threads_and_one_give_the_same_bits(monkeypatch):
    two = entropy(P)
    monkeypatch.setattr(threads, "count", lambda: 1)
    np.testing.assert_array_equal(entropy(P), two)


def test_a_forked_child_computes_as_its_parent_does():
    parent = entropy(P)  # the parent's threads are running
    np.testing.assert_array_equal(in_forked_child(lambda: entropy(P)), parent)
    np.testing.assert_array_equal(entropy(P), parent)


def test_four_threads_may_call_at_once():
    results = {}

    def call(name):
        results[name] = [entropy(P) for _ in range(5)]

    callers = [threading.Thread(target=call, args=(name,)) for name in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    for answers in results.values():
        for answer in answers:
            np.testing.assert_allclose(answer, EXPECTED, rtol=1e-13)
    assert len(results) == 4
