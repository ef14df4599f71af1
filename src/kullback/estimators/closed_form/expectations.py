"""Which statistics have a closed expectation under which family: the left half of cross-family cross-entropies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor
from torch import distributions as d
from torch.distributions.relaxed_bernoulli import LogitRelaxedBernoulli

from kullback.estimators.closed_form import moments_bounded as bounded
from kullback.estimators.closed_form import moments_line as line
from kullback.estimators.closed_form import moments_positive as positive

Statistics = Mapping[str, Callable[..., Tensor | None]]

EXPECTATIONS: dict[type[Any], Statistics] = {
    d.Normal: {
        "mean": line.loc,
        "square": line.normal_square,
        "absolute": line.normal_absolute,
        "exponential": line.normal_exponential,
    },
    d.Laplace: {
        "mean": line.loc,
        "square": line.laplace_square,
        "absolute": line.laplace_absolute,
        "exponential": line.laplace_exponential,
    },
    d.Cauchy: {
        "mean": line.loc,
        "square": line.infinite,
        "absolute": line.infinite,
        "exponential": line.infinite,
    },
    d.StudentT: {
        "mean": line.loc,
        "square": line.student_square,
        "absolute": line.student_absolute,
        "exponential": line.infinite,
    },
    d.Gumbel: {
        "mean": line.gumbel_mean,
        "square": line.gumbel_square,
    },
    LogitRelaxedBernoulli: {
        "mean": line.logistic_mean,
        "square": line.logistic_square,
        "absolute": line.logistic_absolute,
        "exponential": line.logistic_exponential,
    },
    d.Uniform: {
        "mean": line.uniform_mean,
        "square": line.uniform_square,
        "absolute": line.uniform_absolute,
        "exponential": line.uniform_exponential,
        "log": line.uniform_log,
        "log complement": line.uniform_log_complement,
        "log square": line.uniform_log_square,
        "power": line.uniform_power,
        "inverse": line.uniform_inverse,
    },
    d.ContinuousBernoulli: {
        "mean": line.truncated_first,
        "square": line.truncated_square,
        "absolute": line.truncated_absolute,
        "exponential": line.truncated_exponential,
    },
    d.Exponential: {
        "mean": positive.exponential_mean,
        "square": positive.exponential_square,
        "absolute": positive.exponential_absolute,
        "exponential": positive.exponential_exponential,
        "log": positive.exponential_log,
        "log square": positive.exponential_log_square,
        "power": positive.exponential_power,
        "inverse": positive.exponential_inverse,
    },
    d.Gamma: {
        "mean": positive.gamma_mean,
        "square": positive.gamma_square,
        "absolute": positive.gamma_absolute,
        "exponential": positive.gamma_exponential,
        "log": positive.gamma_log,
        "log square": positive.gamma_log_square,
        "power": positive.gamma_power,
        "inverse": positive.gamma_inverse,
    },
    d.InverseGamma: {
        "mean": positive.gamma_inverse,
        "square": positive.inverse_gamma_square,
        "absolute": positive.inverse_gamma_absolute,
        "log": positive.inverse_gamma_log,
        "log square": positive.inverse_gamma_log_square,
        "power": positive.inverse_gamma_power,
        "inverse": positive.gamma_mean,
    },
    d.LogNormal: {
        "mean": positive.log_normal_mean,
        "square": positive.log_normal_square,
        "absolute": positive.log_normal_absolute,
        "log": line.loc,
        "log square": line.normal_square,
        "power": positive.log_normal_power,
        "inverse": positive.log_normal_inverse,
    },
    d.Weibull: {
        "mean": positive.weibull_mean,
        "square": positive.weibull_square,
        "absolute": positive.weibull_absolute,
        "log": positive.weibull_log,
        "log square": positive.weibull_log_square,
        "power": positive.weibull_power,
        "inverse": positive.weibull_inverse,
    },
    d.HalfNormal: {
        "mean": positive.half_normal_mean,
        "square": positive.half_normal_square,
        "absolute": positive.half_normal_absolute,
        "exponential": positive.half_normal_exponential,
        "log": positive.half_normal_log,
        "log square": positive.half_normal_log_square,
        "power": positive.half_normal_power,
        "inverse": line.infinite,
    },
    d.HalfCauchy: {
        "mean": line.infinite,
        "square": line.infinite,
        "absolute": line.infinite,
        "log": bounded.half_cauchy_log,
        "log square": bounded.half_cauchy_log_square,
        "power": bounded.half_cauchy_power,
        "inverse": line.infinite,
    },
    d.Pareto: {
        "mean": bounded.pareto_mean,
        "square": bounded.pareto_square,
        "absolute": bounded.pareto_absolute,
        "log": bounded.pareto_log,
        "log square": bounded.pareto_log_square,
        "power": bounded.pareto_power,
        "inverse": bounded.pareto_inverse,
    },
    d.GeneralizedPareto: {"mean": bounded.generalized_pareto_mean, "square": bounded.generalized_pareto_square},
    d.FisherSnedecor: {
        "mean": bounded.fisher_mean,
        "square": bounded.fisher_square,
        "log": bounded.fisher_log,
        "log square": bounded.fisher_log_square,
        "power": bounded.fisher_power,
        "inverse": bounded.fisher_inverse,
    },
    d.Beta: {
        "mean": bounded.beta_mean,
        "square": bounded.beta_square,
        "absolute": bounded.beta_absolute,
        "log": bounded.beta_log,
        "log complement": bounded.beta_log_complement,
        "log square": bounded.beta_log_square,
        "power": bounded.beta_power,
        "inverse": bounded.beta_inverse,
    },
    d.Kumaraswamy: {
        "mean": bounded.kumaraswamy_mean,
        "square": bounded.kumaraswamy_square,
        "absolute": bounded.kumaraswamy_absolute,
        "log": bounded.kumaraswamy_log,
        "log square": bounded.kumaraswamy_log_square,
        "power": bounded.kumaraswamy_power,
        "inverse": bounded.kumaraswamy_inverse,
    },
}
"""E x, E (x − m)², E |x − m|, E e^{−(x − m)/b}, E log x, E log(1 − x), E (log x − m)², E (x/scale)^k and E 1/x."""
