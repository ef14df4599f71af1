"""The components of a torch density on the line, each with its chart."""

from __future__ import annotations

from typing import Any, final

import torch
import torch.distributions as td
from torch import Tensor

from kullback.distributions.charts import Chart
from kullback.distributions.density import Pieces, Points
from kullback.distributions.foreign.double import components_in_front, is_torchs
from kullback.distributions.foreign.families import LINE
from kullback.distributions.foreign.landmarks import middle_of
from kullback.distributions.foreign.supports import support_of
from kullback.distributions.foreign.transforms import image
from kullback.distributions.support import Support


@final
class TorchPieces(Pieces):
    """Components **(K, B…)** of a mixture, or the density itself as its only one.

    What is an image of another density under smooth one-to-one transforms is charted there: the points are transformed,
    and the log-density of each is known without an inverse.

    Args:
        density: a TorchDensity of numbers.
    """

    def __init__(self, density: Any) -> None:
        """Find the components."""
        d = density.double
        mixed = isinstance(d, td.MixtureSameFamily) and is_torchs(d.component_distribution)
        component: Any = components_in_front(d) if mixed else d
        self.transforms: list[Any] = []
        while _is_smooth_image(component):
            self.transforms = [*component.transforms, *self.transforms]
            component = component.base_dist
        self.component, self.component_support = component, support_of(component)
        batch = tuple(component.batch_shape)
        self.shape = batch if mixed else (1, *batch)
        self.count = self.shape[0]
        self.weights = (
            torch.movedim(d.mixture_distribution.probs.expand((*batch[1:], batch[0])), -1, 0) if mixed else None
        )
        ends = _ends(self.component_support)
        self.chart = Chart(*(self._own(x) for x in (*middle_of(component), *ends)))

    def points(self, t: Tensor) -> tuple[Points, Tensor, Tensor]:
        """x(t), log dx/dt and log p_k at each component's own points."""
        from kullback.distributions.foreign.of_torch import masked_log_prob

        x, logit, log_slope = self.chart.points(t)
        log_p = masked_log_prob(self.component, Points(x, logit), self.component_support)
        for transform in self.transforms:
            y = image(transform, x)
            log_stretch = transform.log_abs_det_jacobian(x, y)
            log_slope, log_p = log_slope + log_stretch, log_p - log_stretch
            logit = x if isinstance(transform, td.SigmoidTransform) else None
            x = y
        return Points(x, logit), log_slope, log_p

    def inverse(self, x: Tensor) -> Tensor:
        """t(x)."""
        for transform in reversed(self.transforms):
            x = transform.inv(x)
        return self.chart.inverse(x)

    def _own(self, x: Any) -> Any:
        """**(B…)** of the component → **(K, B…)**; floats stay."""
        return (
            x if isinstance(x, float) else torch.broadcast_to(x, tuple(self.component.batch_shape)).expand(self.shape)
        )


def _is_smooth_image(d: Any) -> bool:
    return (
        isinstance(d, td.TransformedDistribution)
        and type(d) not in LINE
        and type(d).__module__.startswith("torch.distributions")
        and not isinstance(d.base_dist, td.MixtureSameFamily)
        and not d.base_dist.event_shape
        and all(t.bijective and not t.domain.event_dim for t in d.transforms)
    )


def _ends(support: Support) -> tuple[Any, Any]:
    """Floats, or **(B…)**: a component has one piece, or its hull is taken."""
    lower = support.lower if isinstance(support.lower, float) else support.lower.amin(-1)
    upper = support.upper if isinstance(support.upper, float) else support.upper.amax(-1)
    return lower, upper
