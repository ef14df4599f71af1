"""What the tests of the losses share."""

import pytest

from kullback.losses.operators import softmax_cross_entropy as operators


@pytest.fixture(params=["loops", "torch"])
def path(request, monkeypatch):
    """Both ways: the loops for few logits too, or torch's operations."""
    monkeypatch.setattr(operators, "NARROW", 0)
    monkeypatch.setattr(operators, "SMALL", 0 if request.param == "loops" else 1 << 40)
    return request.param
