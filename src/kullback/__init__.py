"""kullback: information, entropy, cross-entropy and KL divergence, and where a model's loss goes.

The names below are loaded when they are first used, so that `import kullback` loads no torch, polars or matplotlib.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from kullback.version import __version__ as __version__

if TYPE_CHECKING:
    from kullback import datasets as datasets
    from kullback import losses as losses
    from kullback import tables as tables
    from kullback.account import Account as Account
    from kullback.account import Comparison as Comparison
    from kullback.account import audit as audit
    from kullback.account import compare as compare
    from kullback.distributions import Counts as Counts
    from kullback.distributions import Logits as Logits
    from kullback.distributions import Sample as Sample
    from kullback.errors import KullbackError as KullbackError
    from kullback.estimate import Estimate as Estimate
    from kullback.measures import conditional_entropy as conditional_entropy
    from kullback.measures import cross_entropy as cross_entropy
    from kullback.measures import entropy as entropy
    from kullback.measures import information as information
    from kullback.measures import jensen_shannon as jensen_shannon
    from kullback.measures import kl_divergence as kl_divergence
    from kullback.measures import mutual_information as mutual_information
    from kullback.measures import perplexity as perplexity
    from kullback.runs import Fit as Fit
    from kullback.runs import fit as fit
    from kullback.runs import load as load

_HOMES = {
    "Account": "kullback.account",
    "Comparison": "kullback.account",
    "Counts": "kullback.distributions",
    "Estimate": "kullback.estimate",
    "Fit": "kullback.runs",
    "KullbackError": "kullback.errors",
    "Logits": "kullback.distributions",
    "Sample": "kullback.distributions",
    "audit": "kullback.account",
    "compare": "kullback.account",
    "conditional_entropy": "kullback.measures",
    "cross_entropy": "kullback.measures",
    "datasets": "kullback",
    "entropy": "kullback.measures",
    "fit": "kullback.runs",
    "information": "kullback.measures",
    "jensen_shannon": "kullback.measures",
    "kl_divergence": "kullback.measures",
    "load": "kullback.runs",
    "losses": "kullback",
    "mutual_information": "kullback.measures",
    "perplexity": "kullback.measures",
    "tables": "kullback",
}

__all__ = [
    "Account",
    "Comparison",
    "Counts",
    "Estimate",
    "Fit",
    "KullbackError",
    "Logits",
    "Sample",
    "__version__",
    "audit",
    "compare",
    "conditional_entropy",
    "cross_entropy",
    "datasets",
    "entropy",
    "fit",
    "information",
    "jensen_shannon",
    "kl_divergence",
    "load",
    "losses",
    "mutual_information",
    "perplexity",
    "tables",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'kullback' has no attribute {name!r}; its names are {', '.join(sorted(_HOMES))}")
    home = _HOMES[name]
    value = (
        importlib.import_module(f"kullback.{name}")
        if home == "kullback"
        else getattr(importlib.import_module(home), name)
    )
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
