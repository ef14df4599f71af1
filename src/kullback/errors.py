"""The exceptions of kullback.

Every message is one line: `<argument> <what it is>, expected <what>; <remedy as code>`.

KullbackError
├── InputError          (ValueError)   a value is not what was asked for
│   ├── NotProbabilities                an array does not hold probabilities
│   ├── ZeroProbability                 a label was observed that the model calls impossible
│   └── TableError                      a file or a table cannot be used: names file, column and row
├── UnsupportedError    (TypeError)    an object of a kind that is not taken here
├── RunFolderError      (OSError)      a run folder exists, is incomplete or cannot be written
└── MissingExtraError   (ImportError)  an optional dependency is not installed
"""

from __future__ import annotations


class KullbackError(Exception):
    """Whatever kullback raises on purpose."""


class InputError(KullbackError, ValueError):
    """A value is not what was asked for."""


class NotProbabilities(InputError):  # noqa: N818 (the name says what was found)
    """An array does not hold probabilities that sum to one."""


class ZeroProbability(InputError):  # noqa: N818 (the name says what was found)
    """A label was observed to which the model gives probability zero: the cross-entropy is infinite."""


class TableError(InputError):
    """A file or a table cannot be used."""


class UnsupportedError(KullbackError, TypeError):
    """An object of a kind that is not taken here."""


class RunFolderError(KullbackError, OSError):
    """A run folder exists, is incomplete or cannot be written."""


class MissingExtraError(KullbackError, ImportError):
    """An optional dependency is not installed."""
