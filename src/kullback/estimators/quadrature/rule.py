"""The Gauss–Kronrod rule of 10 and 21 points, and what it says of its own error.

Source:
    R. Piessens, E. de Doncker-Kapenga, C. Überhuber and D. Kahaner, "QUADPACK" (1983), routine QK21: nodes, weights and
    the error formula.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

_NODES = (
    0.995657163025808080735527280689003,
    0.973906528517171720077964012084452,
    0.930157491355708226001207180059508,
    0.865063366688984510732096688423493,
    0.780817726586416897063717578345042,
    0.679409568299024406234327365114874,
    0.562757134668604683339000099272694,
    0.433395394129247190799265943165784,
    0.294392862701460198131126602303866,
    0.148874338981631210884826001129720,
    0.0,
)
_KRONROD = (
    0.011694638867371874278064396062192,
    0.032558162307964727478818972459390,
    0.054755896574351996031381300244580,
    0.075039674810919952767043140916190,
    0.093125454583697605535065465083366,
    0.109387158802297641899210590325805,
    0.123491976262065851077958109585166,
    0.134709217311473325928054001771707,
    0.142775938577060080797094273138717,
    0.147739104901338491374841515972068,
    0.149445554002916905664936468389821,
)
_GAUSS = (
    0.066671344308688137593568809893332,
    0.149451349150580593145863396957697,
    0.219086362515982043995534934228163,
    0.269266719309996355091226921569469,
    0.295524224714752870173815619188769,
)

POINTS = 21
"""Points of the rule in a panel."""


@cache
def rule() -> tuple[Tensor, Tensor, Tensor]:
    """Nodes on [0, 1] and the weights of both rules, **(21,)** each; 0 where the Gauss rule has no node."""
    nodes = torch.tensor([-x for x in _NODES] + list(reversed(_NODES[:-1])), dtype=torch.float64)
    kronrod = torch.tensor(_KRONROD + tuple(reversed(_KRONROD[:-1])), dtype=torch.float64)
    half = [_GAUSS[i // 2] if i % 2 else 0.0 for i in range(10)]
    gauss = torch.tensor([*half, 0.0, *reversed(half)], dtype=torch.float64)
    return 0.5 * (nodes + 1), 0.5 * kronrod, 0.5 * gauss


def apply(f: Tensor, width: Tensor) -> tuple[Tensor, Tensor]:
    """Integrate over panels.

    Args:
        f: the integrand at the nodes, **(M, 21, …)**.
        width: the widths of the panels, **(M, …)**.

    Returns:
        The integrals **(M, …)** and QUADPACK's estimates of their errors, 0 where these are below rounding.
    """
    _, kronrod, gauss = rule()
    fine = torch.einsum("mn...,n->m...", f, kronrod)
    coarse = torch.einsum("mn...,n->m...", f, gauss)
    size = torch.einsum("mn...,n->m...", f.abs(), kronrod)
    spread = torch.einsum("mn...,n->m...", (f - fine[:, None]).abs(), kronrod)
    raw = (fine - coarse).abs()
    ratio = torch.where(spread > 0, 200 * raw / torch.where(spread > 0, spread, 1.0), 0.0)
    error = torch.where(spread > 0, spread * torch.clamp(ratio**1.5, max=1.0), raw)
    error = torch.where(error > 50 * torch.finfo(f.dtype).eps * size, error, 0.0)
    return fine * width, error * width.abs()
