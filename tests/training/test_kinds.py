"""Which kind a column is taken for, and the user's word above the rule."""

import polars as pl
import pytest

from kullback.errors import InputError, UnsupportedError
from kullback.training import choose_kinds
from kullback.training.columns import recognise

SENTENCES = [f"this is sentence number {i}" for i in range(60)]
RECOGNISED = [
    (SENTENCES, "text"),
    (["one of three words", "two of three words"] * 40, "categorical"),
    ([f"id{i}" for i in range(60)], "categorical"),
    ([1, 2, 3], "numeric"),
    ([1.5, None], "numeric"),
    ([True, None], "categorical"),
    ([None, ""], "categorical"),
]


@pytest.mark.parametrize(("values", "kind"), RECOGNISED)
def test_kinds_are_recognised(values, kind):
    assert recognise(pl.Series(values)) == kind


def test_kinds_that_are_forced_and_refused():
    frame = pl.DataFrame({"a": SENTENCES, "b": range(60)})
    assert choose_kinds(frame, {"b": "categorical"}, encoded=False) == {"a": "text", "b": "categorical"}
    assert choose_kinds(frame, {}, encoded=True)["a"] == "encoded text"
    with pytest.raises(InputError, match=r"^column 'y' is no feature column, expected one of a, b; give kinds to "):
        choose_kinds(frame, {"y": "text"}, encoded=False)
    with pytest.raises(InputError, match=r"^kind of column 'a' is 'texty', expected numeric, categorical, .*; use "):
        choose_kinds(frame, {"a": "texty"}, encoded=False)
    with pytest.raises(UnsupportedError, match=r"^column 'l' has type List.*; leave it out with drop=\['l'\]"):
        choose_kinds(pl.DataFrame({"l": [[1]]}), {}, encoded=False)
