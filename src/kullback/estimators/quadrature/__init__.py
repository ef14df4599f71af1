"""The integral over the line, piece by piece, in charts where every tail decays exponentially or faster."""

from kullback.estimators.quadrature.quadrature import quadrature as quadrature

__all__ = ["quadrature"]
