"""Compare two models of the same rows: which one loses less, by how much, and how far apart they are.

Columns are named as for audit, alike in both files; labels and groups may be in either. Without labels, the divergences
and the agreement alone are given.
"""

from __future__ import annotations

import argparse
import dataclasses

from kullback.cli.arguments import add_labels, add_report, add_scores, give, roles_of, scores_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kullback compare`."""
    parser.add_argument("a", metavar="A", help="table or .npz file with one model's predictions")
    parser.add_argument("b", metavar="B", help="the other model's, of the same rows in the same order")
    add_scores(parser)
    add_labels(parser)
    parser.add_argument("--id", metavar="COLUMN", help="column that must be the same in both files (row, if there)")
    add_report(parser, "comparison")


def run(options: argparse.Namespace) -> None:
    """Print the comparison."""
    from kullback.account import compare
    from kullback.errors import InputError
    from kullback.tables import read_predictions_pair

    found = read_predictions_pair(options.a, options.b, dataclasses.replace(roles_of(options), id=options.id))
    try:
        comparison = compare(
            scores_of(found.a),
            scores_of(found.b),
            counts=found.counts,
            groups=found.groups,
            classes=found.classes,
            mix=options.mix,
        )
    except InputError as error:
        raise type(error)(f"{options.a} and {options.b}: {error}") from error
    give(comparison, options)
