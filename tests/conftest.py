"""Settings of hypothesis for every test: the same examples on every run, and no deadline on a shared machine."""

from hypothesis import settings

settings.register_profile("kullback", max_examples=100, deadline=None, derandomize=True, database=None)
settings.load_profile("kullback")
