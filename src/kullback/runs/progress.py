"""The progress bar of a fit: fold, epoch, loss, held-out bits and time left."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from kullback.training import Epoch
from kullback.units import per_nat


class FitProgress:
    """A bar on standard error: live on a terminal, one line per fold elsewhere, nothing when quiet."""

    def __init__(self, n_folds: int, *, quiet: bool) -> None:
        """Lay out the bar for a number of folds."""
        console = Console(stderr=True, quiet=quiet)
        self.live = console.is_terminal and not quiet
        self.console = console
        self.n_folds = n_folds
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not self.live,
        )
        self.task = self.bar.add_task("reading", total=None, state="")
        self.best: dict[int, Epoch] = {}

    def __enter__(self) -> FitProgress:
        """Show the bar."""
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away and say how the last fold ended."""
        self.bar.stop()
        if self.best:
            self._tell(max(self.best))

    def encoding(self, done: int, total: int) -> None:
        """Show how many texts the sentence encoder has done."""
        self.bar.update(self.task, description="encoding text", completed=done, total=total, state=f"{done}/{total}")

    def epoch(self, epoch: Epoch) -> None:
        """Show an epoch."""
        if epoch.fold and epoch.fold not in self.best:
            self._tell(epoch.fold - 1)
        if epoch.best or epoch.fold not in self.best:
            self.best[epoch.fold] = epoch
        bit = per_nat("bit")
        self.bar.update(
            self.task,
            description=f"fold {epoch.fold + 1}/{self.n_folds}, epoch {epoch.epoch + 1}/{epoch.epochs}",
            completed=epoch.fold * epoch.epochs + epoch.epoch + 1,
            total=self.n_folds * epoch.epochs,
            state=f"loss {epoch.train * bit:.3f}, held out {epoch.held_out * bit:.3f} bit",
        )

    def _tell(self, fold: int) -> None:
        best = self.best[fold]
        held_out = best.held_out * per_nat("bit")
        self.console.print(
            f"fold {fold + 1}/{self.n_folds}: best epoch {best.epoch + 1}, {held_out:.3f} bit on rows for stopping",
            highlight=False,
        )
