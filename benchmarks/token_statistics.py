"""Five numbers of every token of a language model, beside the torch operations that give the same five.

Ours: `kb.losses.token_statistics(logits, target)`: negative log-likelihood, entropy, log-sum-exp, argmax and rank of
the target. Theirs: `log_softmax`, `gather`, `-(exp(log_q) * log_q).sum`, `logsumexp`, `argmax` and
`(x > x_target).sum`. Values are compared in the same run: to 1e-4, and places exactly.

    python benchmarks/token_statistics.py --repeats 3
"""

from __future__ import annotations

import torch

from kullback.losses.token_statistics import token_statistics
from paired import Claim, Table, parser, raced


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
    options = parser(__doc__, 3)
    options.add_argument("--rows", type=int, default=4096)
    options.add_argument("--classes", type=int, default=50257)
    options.add_argument("--threads", nargs="*", type=int, default=[1, 2])
    options = options.parse_args()
    generator = torch.Generator().manual_seed(0)
    x = 2 * torch.randn(options.rows, options.classes, generator=generator)
    target = torch.randint(options.classes, (options.rows,), generator=generator)
    ours = token_statistics(x, target)
    for a, b in zip((ours.nll, ours.entropy, ours.log_sum_exp, ours.argmax, ours.rank), theirs(x, target), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)
    table = Table(options.json, "torch", "numba")
    for threads in options.threads:
        torch.set_num_threads(threads)
        times = raced(lambda: token_statistics(x, target), lambda: theirs(x, target), options.repeats)
        shape = str(tuple(x.shape))
        table.add(Claim("five numbers of every token, torch", shape, "float32", threads, **times, wanted=5))


if __name__ == "__main__":
    main()
