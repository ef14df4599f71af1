"""The components of a torch density on the line, each with its chart."""

from __future__ import annotations

from typing import Any, final

import torch
import torch.distributions as td
from torch import Tensor

from kullback.distributions.charts import Chart
from kullback.distributions.density import Pieces, Points
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
        self.of_mixture = isinstance(d, td.MixtureSameFamily)
        component = d.component_distribution if self.of_mixture else d
        self.transforms: list[Any] = []
        while _is_smooth_image(component):
            self.transforms = [*component.transforms, *self.transforms]
            component = component.base_dist
        self.component = component
        self.component_support = support_of(component)
        batch = (*component.batch_shape,) if self.of_mixture else (*component.batch_shape, 1)
        self.shape = (batch[-1], *batch[:-1])
        self.count = batch[-1]
        weights = d.mixture_distribution.probs if self.of_mixture else None
        self.weights = None if weights is None else self._first(weights.expand(batch))
        center, scale = middle_of(component)
        lower, upper = _ends(self.component_support)
        self.chart = Chart(*(self._own(x) for x in (center, scale)), *(self._own(x) for x in (lower, upper)))

    def points(self, t: Tensor) -> tuple[Points, Tensor, Tensor]:
        """x(t), log dx/dt and log p_k at each component's own points."""
        from kullback.distributions.foreign.of_torch import masked_log_prob

        z, logit, log_dz = self.chart.points(t)
        at = Points(self._last(z), None if logit is None else self._last(logit))
        log_p = self._first(masked_log_prob(self.component, at, self.component_support))
        if not self.transforms:
            return Points(z, logit), log_dz, log_p
        x, log_slope = self._last(z), torch.zeros((), dtype=torch.float64)
        for transform in self.transforms:
            y = image(transform, x)
            last, log_slope, x = x, log_slope + transform.log_abs_det_jacobian(x, y), y
            logit = last if isinstance(transform, td.SigmoidTransform) else None
        log_slope = self._first(torch.broadcast_to(log_slope, x.shape))
        own_logit = None if logit is None else self._first(logit)
        return Points(self._first(x), own_logit), log_dz + log_slope, log_p - log_slope

    def inverse(self, x: Tensor) -> Tensor:
        """t(x)."""
        z = self._last(x)
        for transform in reversed(self.transforms):
            z = transform.inv(z)
        return self.chart.inverse(self._first(z))

    def _own(self, x: Any) -> Any:
        """**(B…)** or **(B…, K)** → **(K, B…)**; floats stay."""
        if isinstance(x, float):
            return x
        batch = tuple(self.component.batch_shape)
        x = torch.broadcast_to(x, batch)
        return torch.movedim(x, -1, 0) if self.of_mixture else x[None]

    def _first(self, x: Tensor) -> Tensor:
        """**(S…, B…, K)** → **(S…, K, B…)** for mixtures; the K = 1 of a plain density stays where it is."""
        return torch.movedim(x, -1, -len(self.shape)) if self.of_mixture else x

    def _last(self, x: Tensor) -> Tensor:
        return torch.movedim(x, -len(self.shape), -1) if self.of_mixture else x


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
