"""What a user holds → a distribution: one door, one ordered table."""

from kullback.inputs.door import as_distribution as as_distribution
from kullback.inputs.door import as_table as as_table
from kullback.inputs.door import outcome_axis as outcome_axis
from kullback.inputs.joint import as_joint as as_joint
from kullback.inputs.pairs import as_pair as as_pair

__all__ = ["as_distribution", "as_joint", "as_pair", "as_table", "outcome_axis"]
