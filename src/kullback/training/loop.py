"""The loop: epochs over batches on cross-entropy, early stopping on rows held out, the best network kept."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import math
from collections.abc import Callable, Generator, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kullback import losses
from kullback.training.features import Features, Sizes
from kullback.training.network import Network, Shape

Rows = NDArray[np.int64]

TEXT_EPOCHS = 12
"""Text is learned, and overfitted, in few epochs: on the reviews the best epoch is the 8th to 12th."""

STEPS = 2000
"""Steps in all, about, where there is no text."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """How a network is trained.

    Attributes:
        epochs: passes over the training rows at most; the cosine schedule ends there. None chooses 12 where there is
            text, else 16 to 30, the more the fewer rows.
        patience: epochs without improvement on the held-out rows before it stops.
        learning_rate: AdamW's at the start, of the deep path.
        wide_learning_rate: the same of the wide path, whose gradients are sparse.
        weight_decay: AdamW's, of the deep path's matrices.
        wide_penalty: λ of λ/(2N)·‖W_wide‖², the ridge penalty of logistic regression with C = 1/λ.
        batch_size: rows in a step; None chooses 128 to 1024, the more the more rows.
        validation: share of a fold's training rows on which it stops early.
        shape: sizes of the network.
    """

    epochs: int | None = None
    patience: int = 8
    learning_rate: float = 2e-3
    wide_learning_rate: float = 2e-2
    weight_decay: float = 1e-2
    wide_penalty: float = 1 / 3
    batch_size: int | None = None
    validation: float = 1 / 8
    shape: Shape = dataclasses.field(default_factory=Shape)


@dataclasses.dataclass(frozen=True)
class Epoch:
    """What happened in one epoch of one fold; losses in nats per label.

    Attributes:
        fold: which network, from 0.
        epoch: from 0.
        epochs: how many there can be.
        train: mean loss over the epoch's batches, with dropout.
        held_out: cross-entropy on the rows kept for early stopping.
        best: whether this is the best so far.
    """

    fold: int
    epoch: int
    epochs: int
    train: float
    held_out: float
    best: bool


@dataclasses.dataclass(frozen=True, eq=False)
class Trained:
    """The best network of a run of the loop, and whether the run was cut short by the user."""

    network: Network
    interrupted: bool


@contextlib.contextmanager
def _one_thread() -> Generator[None]:
    """Let torch use one thread: steps are of a millisecond, and a second thread that waits for a busy core costs more.

    With one of 2 cores busy, the reviews took 7 times as long with two threads as with one.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@_one_thread()
@torch.random.fork_rng(devices=[])
def train(
    features: Features,
    sizes: Sizes,
    targets: Tensor,
    *,
    fit_rows: Rows,
    stop_rows: Rows,
    fold: int,
    seed: int,
    settings: Settings,
    watch: Callable[[Epoch], None],
) -> Trained:
    """Minimise L(θ) = −1/N Σ_i Σ_c p_ic log P_θ(c|x_i) and keep the network that is best on held-out rows.

    Args:
        features: inputs of all N rows.
        sizes: their sizes.
        targets: **(N, K)** label shares of each row, which for k labels is the mean over the k.
        fit_rows: the rows to learn from; each is used in each epoch, the last batch too.
        stop_rows: the rows for early stopping.
        fold: repeated in the epochs that `watch` is told of.
        seed: of the initial weights, the order of rows and dropout.
        settings: how to train.
        watch: called after each epoch; a KeyboardInterrupt there or anywhere in the loop ends the training.

    Returns:
        The best network so far.

    Raises:
        KeyboardInterrupt: if the user interrupts before the first epoch has ended.
    """
    torch.manual_seed(seed)
    network = Network(sizes, log_prior(targets[torch.from_numpy(fit_rows)]), settings.shape)
    steps = _Steps(network, features, targets, fit_rows, seed=seed, settings=settings)
    held_out, held_out_targets = features.take(stop_rows), targets[torch.from_numpy(stop_rows)]
    # the label frequencies, where it starts, are kept unless an epoch is better: nothing may be there to learn
    best = copy.deepcopy(network.state_dict())
    best_loss = float(losses.cross_entropy(logits(network, held_out), held_out_targets))
    ended, waited, interrupted = 0, 0, False
    try:
        for epoch in range(steps.epochs):
            loss = steps.epoch()
            stop_loss = float(losses.cross_entropy(logits(network, held_out), held_out_targets))
            improved = stop_loss < best_loss
            if improved:
                best, best_loss, waited = copy.deepcopy(network.state_dict()), stop_loss, 0
            else:
                waited += 1
            ended += 1
            watch(Epoch(fold, epoch, steps.epochs, loss, stop_loss, improved))
            if waited >= settings.patience:
                break
    except KeyboardInterrupt:
        if not ended:
            raise
        interrupted = True
    network.load_state_dict(best)
    return Trained(network.eval(), interrupted)


class _Steps:
    """Optimiser, schedule and order of rows of one network."""

    def __init__(
        self, network: Network, features: Features, targets: Tensor, rows: Rows, *, seed: int, settings: Settings
    ) -> None:
        self.network, self.features, self.targets, self.rows = network, features, targets, rows
        self.order = np.random.default_rng(seed)
        self.batch_size = settings.batch_size or int(np.clip(2 ** round(math.log2(len(rows) / 80 + 1)), 128, 1024))
        self.penalty = settings.wide_penalty / len(rows)
        self.optimizer = torch.optim.AdamW(_groups(network, settings), lr=settings.learning_rate)
        per_epoch = -(-len(rows) // self.batch_size)
        by_size = int(np.clip(STEPS // per_epoch, 16, 30))
        self.epochs = settings.epochs or (TEXT_EPOCHS if network.wide is not None else by_size)
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, self.epochs * per_epoch)

    def epoch(self) -> float:
        """Go once over the rows and give the mean loss."""
        self.network.train()
        total = 0.0
        for rows in self._batches():
            loss = losses.cross_entropy(self.network(self.features.take(rows)), self.targets[torch.from_numpy(rows)])
            wide = self.network.wide
            penalty = 0.0 if wide is None else self.penalty / 2 * wide.weight.square().sum()
            self.optimizer.zero_grad(set_to_none=True)
            (loss + penalty).backward()
            self.optimizer.step()
            self.schedule.step()
            total += float(loss.detach()) * len(rows)
        return total / len(self.rows)

    def _batches(self) -> Iterator[Rows]:
        shuffled = self.order.permutation(self.rows)
        return (shuffled[begin : begin + self.batch_size] for begin in range(0, len(shuffled), self.batch_size))


def _groups(network: Network, settings: Settings) -> list[dict[str, object]]:
    """Decay the matrices of the deep path only, and give the wide path its own learning rate."""
    wide = [] if network.wide is None else [network.wide.weight]
    deep = [p for p in network.parameters() if all(p is not w for w in wide)]
    return [
        {"params": [p for p in deep if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in deep if p.ndim < 2], "weight_decay": 0.0},
        {"params": wide, "weight_decay": 0.0, "lr": settings.wide_learning_rate},
    ]


def log_prior(targets: Tensor) -> Tensor:
    """Give the logits **(K,)** of the label frequencies, half a label added to each class."""
    n, n_classes = targets.shape
    return ((targets.sum(dim=0) + 0.5) / (n + n_classes / 2)).log()


@torch.no_grad()
def logits(network: Network, features: Features, batch_size: int = 8192) -> Tensor:
    """Give the network's logits **(N, K)** in evaluation mode."""
    network.eval()
    every = np.arange(len(features))
    parts = [network(features.take(every[b : b + batch_size])) for b in range(0, len(every), batch_size)]
    return torch.cat(parts)
