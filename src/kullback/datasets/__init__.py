"""Real data that ships with the package, or with a dependency: `load(name)`."""

from kullback.datasets.dataset import Dataset as Dataset
from kullback.datasets.registry import NAMES as NAMES
from kullback.datasets.registry import load as load
