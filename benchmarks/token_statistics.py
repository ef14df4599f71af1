"""Five numbers of every token of a language model, beside the torch operations that give the same five.

Ours: `kb.losses.token_statistics(logits, target)`: negative log-likelihood, entropy, log-sum-exp, argmax and rank of
the target. Theirs: `log_softmax`,
`gather`, `-(exp(log_q) * log_q).sum`, `logsumexp`, `argmax` and `(x > x_target).sum`.
Values are compared in the same run: to 1e-4, and places exactly.

    python benchmarks/token_statistics.py --repeats 5
"""

from __future__ import annotations

import argparse

import torch

from kullback.losses.token_statistics import token_statistics
from paired import machine, paired


def theirs(x, target):
    """Give the five by torch."""
    log_q = torch.log_softmax(x, -1)
    of_target = x.gather(1, target[:, None])
    return (
        -log_q.gather(1, target[:, None])[:, 0],
        -(log_q.exp() * log_q).sum(-1),
        torch.logsumexp(x, -1),
        x.argmax(-1),
        (x > of_target).sum(-1),
    )


def main():
    """Compare, then time with one thread and with two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4096)
    parser.add_argument("--classes", type=int, default=50257)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    generator = torch.Generator().manual_seed(0)
    x = 2 * torch.randn(options.rows, options.classes, generator=generator)
    target = torch.randint(options.classes, (options.rows,), generator=generator)
    ours = token_statistics(x, target)
    for a, b in zip((ours.nll, ours.entropy, ours.log_sum_exp, ours.argmax, ours.rank), theirs(x, target), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)
    print(f"({options.rows}, {options.classes}) float32, {options.repeats} turns, {machine('torch', 'numba')}")
    for threads in (1, 2):
        torch.set_num_threads(threads)
        a, b, ratio = paired(lambda: token_statistics(x, target), lambda: theirs(x, target), options.repeats)
        print(f"{threads} threads: ours {1e3 * a:.0f} ms, torch {1e3 * b:.0f} ms, torch / ours {1 / ratio:.1f}")


if __name__ == "__main__":
    main()
