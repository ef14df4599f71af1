"""The table of formulas by measure and families. To add a family, write its formulas and add rows, or call `register`.

Pairs of different families follow from two smaller tables, `expectations.EXPECTATIONS` and `surprisals.SURPRISALS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch import distributions as d
from torch.distributions.relaxed_bernoulli import LogitRelaxedBernoulli

from kullback.estimators.closed_form import discrete, multivariate, structure
from kullback.estimators.closed_form import divergences_line as line
from kullback.estimators.closed_form import divergences_positive as positive
from kullback.estimators.closed_form import entropies_line as h_line
from kullback.estimators.closed_form import entropies_positive as h_positive

Key = tuple[str, type[Any], type[Any] | None]
H, CE, KL = "entropy", "cross_entropy", "kl_divergence"

FORMULAS: dict[Key, Callable[..., Tensor | None]] = {
    (H, d.Beta, None): h_line.beta,
    (H, d.Cauchy, None): h_line.cauchy,
    (H, d.ContinuousBernoulli, None): h_line.continuous_bernoulli,
    (H, d.Dirichlet, None): multivariate.dirichlet_entropy,
    (H, d.Exponential, None): h_positive.exponential,
    (H, d.FisherSnedecor, None): h_positive.fisher_snedecor,
    (H, d.Gamma, None): h_positive.gamma,
    (H, d.GeneralizedPareto, None): h_positive.generalized_pareto,
    (H, d.Geometric, None): discrete.geometric_entropy,
    (H, d.Multinomial, None): discrete.multinomial_entropy,
    (H, d.Gumbel, None): h_line.gumbel,
    (H, d.HalfCauchy, None): h_positive.half_cauchy,
    (H, d.HalfNormal, None): h_positive.half_normal,
    (H, d.InverseGamma, None): h_positive.inverse_gamma,
    (H, d.Kumaraswamy, None): h_line.kumaraswamy,
    (H, d.LKJCholesky, None): multivariate.lkj_entropy,
    (H, d.Laplace, None): h_line.laplace,
    (H, d.LogNormal, None): h_positive.log_normal,
    (H, LogitRelaxedBernoulli, None): h_line.logistic,
    (H, d.LowRankMultivariateNormal, None): multivariate.low_rank_entropy,
    (H, d.MultivariateNormal, None): multivariate.normal_entropy,
    (H, d.Normal, None): h_line.normal,
    (H, d.Pareto, None): h_positive.pareto,
    (H, d.Poisson, None): discrete.poisson_entropy,
    (H, d.StudentT, None): h_line.student_t,
    (H, d.Uniform, None): h_line.uniform,
    (H, d.VonMises, None): h_line.von_mises,
    (H, d.Weibull, None): h_positive.weibull,
    (H, d.Wishart, None): multivariate.wishart_entropy,
    (KL, d.Beta, d.Beta): line.beta,
    (KL, d.Beta, d.Uniform): line.beta_uniform,
    (KL, d.Binomial, d.Binomial): discrete.binomial,
    (KL, d.Cauchy, d.Cauchy): line.cauchy,
    (KL, d.ContinuousBernoulli, d.ContinuousBernoulli): line.continuous_bernoulli,
    (KL, d.ContinuousBernoulli, d.Uniform): line.continuous_bernoulli_uniform,
    (KL, d.Dirichlet, d.Dirichlet): multivariate.dirichlet,
    (KL, d.Exponential, d.Exponential): positive.exponential,
    (KL, d.Exponential, d.Gamma): positive.exponential_gamma,
    (KL, d.Exponential, d.Weibull): positive.exponential_weibull,
    (KL, d.Gamma, d.Exponential): positive.gamma_exponential,
    (KL, d.Gamma, d.Gamma): positive.gamma,
    (KL, d.GeneralizedPareto, d.GeneralizedPareto): positive.generalized_pareto,
    (KL, d.Geometric, d.Geometric): discrete.geometric,
    (KL, d.Gumbel, d.Gumbel): line.gumbel,
    (KL, d.HalfCauchy, d.HalfCauchy): positive.half_cauchy,
    (KL, d.HalfNormal, d.HalfNormal): positive.half_normal,
    (KL, d.InverseGamma, d.InverseGamma): positive.gamma,
    (KL, d.Kumaraswamy, d.Kumaraswamy): line.kumaraswamy,
    (KL, d.LKJCholesky, d.LKJCholesky): multivariate.lkj,
    (KL, d.Laplace, d.Laplace): line.laplace,
    (KL, d.LogNormal, d.LogNormal): line.normal,
    (KL, LogitRelaxedBernoulli, LogitRelaxedBernoulli): line.logistic,
    (KL, d.Multinomial, d.Multinomial): discrete.multinomial,
    (KL, d.NegativeBinomial, d.NegativeBinomial): discrete.negative_binomial,
    (KL, d.Normal, d.Normal): line.normal,
    (KL, d.Pareto, d.Pareto): positive.pareto,
    (KL, d.Poisson, d.Poisson): discrete.poisson,
    (KL, d.Uniform, d.Beta): line.uniform_beta,
    (KL, d.Uniform, d.ContinuousBernoulli): line.uniform_continuous_bernoulli,
    (KL, d.Uniform, d.Uniform): line.uniform,
    (KL, d.VonMises, d.VonMises): line.von_mises,
    (KL, d.Weibull, d.Exponential): positive.weibull_exponential,
    (KL, d.Weibull, d.Weibull): positive.weibull,
    (KL, d.Wishart, d.Wishart): multivariate.wishart,
    (CE, d.Bernoulli, d.Geometric): discrete.bernoulli_geometric,
    (CE, d.Binomial, d.Geometric): discrete.binomial_geometric,
    (CE, d.NegativeBinomial, d.Geometric): discrete.negative_binomial_geometric,
    (CE, d.Poisson, d.Geometric): discrete.poisson_geometric,
}
"""f(p) for entropies, f(p, q) else; in nats, float64, None where a formula does not reach the parameters."""

VECTORS = (d.Independent, d.LowRankMultivariateNormal, d.MultivariateNormal)

STRUCTURES: dict[Key, Callable[..., Tensor | None]] = {
    (H, d.Independent, None): structure.independent,
    (H, d.TransformedDistribution, None): structure.transformed,
    (CE, d.Independent, d.Independent): structure.independent,
    (KL, d.TransformedDistribution, d.TransformedDistribution): structure.transformed,
    (KL, d.TransformedDistribution, d.Distribution): structure.transformed,
    (KL, d.Distribution, d.TransformedDistribution): structure.transformed,
    **{(KL, a, b): structure.normal_vectors for a in VECTORS for b in VECTORS},
    (KL, d.Independent, d.Independent): structure.independent,
}
"""f(measure, p, q, closed_form): what follows from the parts of a distribution."""
