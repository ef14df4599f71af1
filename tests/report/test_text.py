"""The report for the terminal, character by character, and its conclusions case by case."""

import dataclasses

import pytest

from kullback.estimate import Estimate
from kullback.report import to_text
from kullback.report.sentences import at_least, at_most, conclusion, signed

WHOLE = """\
40 rows · 5 labels per row · 3 classes · held-out predictions
in bits; ± is one standard error

H(Y)      what guessing costs                     =  1.4969 ± 0.0122 bits
        − captured by the model                   ≥  0.3733 ± 0.0137 bits
H(P, Q)   cross-entropy of the predictions        =  1.1224 ± 0.0182 bits
of which  noise floor of the labels, H(Y|X)       ≥  0.4795 ± 0.0122  ≤  0.5475 ± 0.0130 bits
          still learnable by a better model       ≥  0.5749 ± 0.0120  ≤  0.6429 ± 0.0121 bits
          removable by recalibration alone        ≥ −0.0016 ± 0.0012  ≤  0.0019 ± 0.0012 bits
            a deviation is there, too small to measure (family: vector; p = 0.044)
entropy gap: no sign of over- or under-confidence =  0.0076 ± 0.0124 bits
Brier score, a pure number                        =  0.4520 ± 0.0083
          its floor, exact                        =  0.1934 ± 0.0052

Of the 1.122 bits that are left, between 0.479 and 0.548 are noise of the labels; a better model
could still learn at least 0.574."""


def test_the_whole_report(account):
    assert to_text(account) == WHOLE


def test_printing_an_account_gives_the_report(account):
    assert repr(account) == WHOLE


def test_one_label_per_row_says_why_the_floor_is_unknown(single):
    text = " ".join(to_text(single).split())
    assert "one label per row cannot tell noise from what the model missed" in text
    assert "at most the cross-entropy" in text
    assert "noise floor of the labels, H(Y|X)" not in text
    assert text.endswith(
        "Of the 1.497 bits that guessing costs, the model captured at least 0.373; how much of the remaining 1.122 is "
        "noise of the labels cannot be told from one label per row."
    )


def test_the_alarm_is_a_warning_and_the_conclusion(leaked):
    text = " ".join(to_text(leaked).split())
    assert "warning: the cross-entropy lies below the noise floor" in text
    assert "The loss of 0.401 bits lies below the noise floor of at least 0.479: too good to be true" in text


def test_worse_than_guessing(worse):
    assert conclusion(worse) == (
        "The model does worse than guessing: it loses 2.000 bits, 0.503 more than guessing; between 0.479 and 0.548 "
        "are noise of the labels; a better model could still learn at least 1.452."
    )
    assert "none detectable" not in to_text(worse)


def test_a_gain_within_the_error_is_not_promised(account):
    loss = dataclasses.replace(account.learnable_lower, value=0.01, std_error=0.02)
    said = conclusion(dataclasses.replace(account, learnable_lower=loss))
    assert said.endswith("a better model could learn 0.643 more at the most, and perhaps nothing.")


def test_recalibration_that_clears_zero_is_a_gain(single):
    gain = dataclasses.replace(single.calibration_lower, value=0.05, std_error=0.01)
    assert conclusion(dataclasses.replace(single, calibration_lower=gain)).endswith(
        "cannot be told from one label per row, but recalibration alone would remove at least 0.050."
    )


@pytest.mark.parametrize(
    ("gap", "word"), [(0.1, "entropy gap: over-confident"), (-0.1, "entropy gap: under-confident")]
)
def test_the_entropy_gap_has_a_word(account, gap, word):
    e = Estimate(gap, method="sample mean", unit="bit", std_error=0.01)
    assert word in to_text(dataclasses.replace(account, entropy_gap=e))


def test_too_few_rows_for_recalibration(account):
    few = dataclasses.replace(account, calibration_lower=None, calibration_upper=None, calibration_p_value=None)
    assert "not measured: too few rows" in to_text(few)


def test_no_line_is_wider_than_a_terminal(account, single, leaked, worse):
    long = dataclasses.replace(leaked, held_out="w" * 10 + " held-out " * 20, unit="base 3.0")
    for one in (account, single, leaked, worse, long):
        assert max(len(line) for line in to_text(one).splitlines()) <= 100


def test_the_unit_is_written(account):
    nats = {name: e.to("nat") for name, e in account.estimates().items() if e is not None and e.unit == "bit"}
    text = to_text(dataclasses.replace(account, unit="nat", **nats))
    assert "1.0376 ± 0.0085 nats" in text
    assert "bit" not in text


def test_bounds_are_rounded_to_the_side_that_stays_true():
    assert at_least(0.5749, 3) == "0.574"
    assert at_most(0.5471, 3) == "0.548"
    assert (at_least(0.29, 2), at_most(0.07, 2)) == ("0.29", "0.07")
    assert signed(-0.00001, 3) == "0.000"
    assert signed(-0.25, 2) == "−0.25"
