"""P and Q: what a measure is taken of, as a person holds it and as the estimators see it."""

from kullback.distributions.categorical import Categorical as Categorical
from kullback.distributions.counts import Counts as Counts
from kullback.distributions.density import Density as Density
from kullback.distributions.draws import Draws as Draws
from kullback.distributions.logits import Logits as Logits
from kullback.distributions.sample import Sample as Sample
from kullback.distributions.tally import Tally as Tally

__all__ = ["Categorical", "Counts", "Density", "Draws", "Logits", "Sample", "Tally"]
