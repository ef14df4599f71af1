"""Vectors and matrices: normal, Dirichlet, Wishart and LKJ distributions, in nats.

Source:
    D. Lewandowski, D. Kurowicka, H. Joe, "Generating random correlation matrices based on vines and extended onion
    method" (2009), for the density of LKJCholesky; the rest follows from −E log p.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from kullback.estimators.closed_form.gamma_functions import (
    HALF_LOG_TAU,
    concentrated,
    lgamma_excess,
    smooth_excess,
)
from kullback.estimators.closed_form.parameters import given
from kullback.estimators.closed_form.stable import log_ratio, ratio_excess


def cholesky(p: Any) -> Tensor:
    """The lower triangular L with L Lᵀ = Σ, factored in float64 from the matrix that was given."""
    if p._unbroadcasted_scale_tril.dtype == torch.float64:
        return p._unbroadcasted_scale_tril
    name = given(p, "scale_tril", "covariance_matrix", "precision_matrix")
    matrix = getattr(p, name).double()
    if name == "scale_tril":
        return matrix
    if name == "covariance_matrix":
        return torch.linalg.cholesky(matrix)
    flipped = torch.linalg.cholesky(matrix.flip(-1, -2))
    eye = torch.eye(matrix.shape[-1], dtype=matrix.dtype, device=matrix.device)
    return torch.linalg.solve_triangular(flipped.flip(-1, -2).mT, eye, upper=False)


def low_rank_cholesky(p: Any) -> Tensor:
    """√D chol(I + √D⁻¹ W Wᵀ √D⁻¹) for Σ = W Wᵀ + D."""
    root = p.cov_diag.double().sqrt().unsqueeze(-1)
    factor = p.cov_factor.double() / root
    eye = torch.eye(root.shape[-2], dtype=root.dtype, device=root.device)
    return root * torch.linalg.cholesky(factor @ factor.mT + eye)


def diagonal_cholesky(p: Any) -> Tensor:
    """Diag σ, for Independent(Normal, 1)."""
    return torch.diag_embed(p.base_dist.scale.double())


def _log_diagonal(tril: Tensor) -> Tensor:
    return tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)


def normal_entropy(p: Any) -> Tensor:
    """D/2 log 2πe + Σ log L_ii."""
    entropy = _log_diagonal(cholesky(p)) + p.event_shape[0] * (HALF_LOG_TAU + 0.5)
    return entropy.expand(p.batch_shape)


def low_rank_entropy(p: Any) -> Tensor:
    """D/2 log 2πe + ½ log det D + ½ log det(I + Wᵀ D⁻¹ W)."""
    diag = p.cov_diag.double()
    factor = p.cov_factor.double() / diag.sqrt().unsqueeze(-1)
    eye = torch.eye(factor.shape[-1], dtype=diag.dtype, device=diag.device)
    inner = _log_diagonal(torch.linalg.cholesky(factor.mT @ factor + eye))
    return 0.5 * diag.log().sum(-1) + inner + p.event_shape[0] * (HALF_LOG_TAU + 0.5)


def gaussian(loc: Tensor, tril: Tensor, loc_q: Tensor, tril_q: Tensor) -> Tensor:
    """½ Σ_i (r_i² − 1 − log r_i²) + ½ Σ_{i>j} M_ij² + ½ |z|², r_i = L_p,ii/L_q,ii, M = L_q⁻¹(L_p − L_q)."""
    shift = (loc - loc_q).unsqueeze(-1)
    gap = tril - tril_q
    solved = torch.linalg.solve_triangular(tril_q, _beside(gap, shift), upper=False)
    matrix, z = solved[..., :-1], solved[..., -1]
    r = tril.diagonal(dim1=-2, dim2=-1) / tril_q.diagonal(dim1=-2, dim2=-1)
    m = matrix.diagonal(dim1=-2, dim2=-1)

    def stretch() -> Tensor:
        return m * (2 + m)

    stretched = ratio_excess(r * r, stretch).sum(-1)
    return 0.5 * (stretched + matrix.tril(-1).square().sum((-2, -1)) + z.square().sum(-1))


def _beside(matrix: Tensor, column: Tensor) -> Tensor:
    shape = torch.broadcast_shapes(matrix.shape[:-2], column.shape[:-2])
    return torch.cat([matrix.expand(*shape, *matrix.shape[-2:]), column.expand(*shape, *column.shape[-2:])], -1)


def dirichlet_entropy(p: Any) -> Tensor:
    """Log B(α) − Σ (α_k − 1) ψ(α_k) + (α₀ − K) ψ(α₀)."""
    alpha = p.concentration.double()
    total = alpha.sum(-1)
    return concentrated(alpha).sum(-1) - concentrated(total) - (alpha.shape[-1] - 1) * total.digamma()


def dirichlet(p: Any, q: Any) -> Tensor:
    """Σ_k α_q,k (r_k − 1 − log r_k) + the excesses of log Γ(x) − x log x + x, r the shares of P against those of Q."""
    a, b = p.concentration.double(), q.concentration.double()
    h = b - a
    total, total_q, whole = a.sum(-1), b.sum(-1), h.sum(-1)
    growth = (total_q / total).unsqueeze(-1)
    relative = (whole / total).unsqueeze(-1)
    shares = b * ratio_excess(growth * a / b, lambda: (relative * a - h) / b)
    return (shares + smooth_excess(a, b, h)).sum(-1) - smooth_excess(total, total_q, whole)


def wishart_entropy(p: Any) -> Tensor:
    """(d + 1)/2 log det V + d(d + 1)/2 log 2 + log Γ_d(ν/2) − (ν − d − 1)/2 ψ_d(ν/2) + νd/2."""
    d = p.event_shape[-1]
    x, i = _degrees(p)
    parts = concentrated(x) + 0.5 * (d - 1 - i) * x.digamma()
    constant = 0.5 * d * (d + 1) * math.log(2) + 0.25 * d * (d - 1) * (math.log(math.pi) + 1)
    return (d + 1) * _log_diagonal(cholesky(p)) + parts.sum(-1) + constant


def _degrees(p: Any) -> tuple[Tensor, Tensor]:
    """(ν − i)/2 for i = 0 … d − 1, and i."""
    i = torch.arange(p.event_shape[-1], dtype=torch.float64, device=p.df.device)
    return 0.5 * (p.df.double().unsqueeze(-1) - i), i


def wishart(p: Any, q: Any) -> Tensor:
    """ν_p times the divergence of the normals + Σ_i the excess of log Γ((ν − i)/2) − ½ (ν_q − ν_p) log det V_q⁻¹V_p."""
    tril, tril_q = cholesky(p), cholesky(q)
    nowhere = torch.zeros((), dtype=torch.float64, device=tril.device).expand(tril.shape[-1])
    normal = gaussian(nowhere, tril, nowhere, tril_q)
    h = 0.5 * (q.df.double() - p.df.double())
    a, b = _degrees(p)[0], _degrees(q)[0]
    excess = lgamma_excess(a, b, h.unsqueeze(-1).expand(torch.broadcast_shapes(a.shape, b.shape))).sum(-1)
    own, other = tril.diagonal(dim1=-2, dim2=-1), tril_q.diagonal(dim1=-2, dim2=-1)
    stretch = log_ratio(own / other, lambda: (own - other) / other).sum(-1)
    return p.df.double() * normal + excess - 2 * h * stretch


def _lkj(p: Any) -> tuple[Tensor, Tensor, Tensor]:
    """The parameters k_i of L_ii² ∼ Beta(k_i, m_i/2), k_i + m_i/2 = α for all rows, and m_i = 1 … d − 1."""
    m = torch.arange(1, p.dim, dtype=torch.float64, device=p.concentration.device)
    alpha = (p.concentration.double() + 0.5 * (p.dim - 1)).unsqueeze(-1)
    return alpha - 0.5 * m, alpha, m


def lkj_entropy(p: Any) -> Tensor:
    """Σ_i log π^{m_i/2} Γ(k_i)/Γ(α) − (k_i − 1)(ψ(k_i) − ψ(α)) over rows, the density being ∏ L_ii^{2 k_i − 2}."""
    k, alpha, m = _lkj(p)
    rows = concentrated(k) - concentrated(alpha) + 0.5 * m * (math.log(math.pi) + 1 - alpha.digamma())
    return rows.sum(-1)


def lkj(p: Any, q: Any) -> Tensor | None:
    """Σ_i the excess of log Γ at k_i − that at α, for matrices of one size."""
    if p.dim != q.dim:
        return None
    (k, alpha, _), (k_q, alpha_q, _) = _lkj(p), _lkj(q)
    h = q.concentration.double().unsqueeze(-1) - p.concentration.double().unsqueeze(-1)
    return (lgamma_excess(k, k_q, h) - lgamma_excess(alpha, alpha_q, h)).sum(-1)
