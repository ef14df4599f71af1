"""The account row by row."""

import numpy as np
import pytest

from kullback.account.observations import observe
from kullback.account.rows import rows_frame

Q = np.array([[0.5, 0.5, 0.0], [0.25, 0.5, 0.25]])


def test_columns_by_hand():
    frame = rows_frame(observe(Q, [[1, 0, -1], [2, 2, 1]], classes=["a", "b", "c"]), "bit")
    assert frame.columns == [
        "row",
        "labels",
        "observed",
        "predicted",
        "surprisal",
        "expected_surprisal",
        "excess",
        "margin",
    ]
    assert frame["labels"].to_list() == [2, 3]
    assert frame["observed"].to_list() == ["a", "c"]
    assert frame["predicted"].to_list() == ["a", "b"]
    assert frame["surprisal"].to_list() == pytest.approx([1.0, 5 / 3])
    assert frame["expected_surprisal"].to_list() == pytest.approx([1.0, 1.5])
    assert frame["excess"].to_list() == pytest.approx([0.0, 1 / 6])
    assert frame["margin"].to_list() == pytest.approx([0.0, (2 * (0.25 - 0.5) + 0.25) / 3])


def test_the_unit_scales_surprisals():
    seen = observe(Q, [0, 1])
    assert rows_frame(seen, "nat")["surprisal"].to_list() == pytest.approx([np.log(2), np.log(2)])
    assert rows_frame(seen, "bit")["surprisal"].to_list() == pytest.approx([1.0, 1.0])
