"""Logits that are drawn, and a loss with its gradient."""

import torch


def draw(*shape, seed=0, dtype=torch.float64):
    """2 · N(0, 1) of a shape, the same for a seed in every type."""
    g = torch.Generator().manual_seed(seed)
    return 2 * torch.randn(*shape, generator=g, dtype=torch.float64).to(dtype)


def value_and_slope(loss, x, *arguments, **options):
    """The loss at x, and the gradient of its sum by x."""
    x = x.detach().clone().requires_grad_()
    value = loss(x, *arguments, **options)
    value.sum().backward()
    return value.detach(), x.grad
