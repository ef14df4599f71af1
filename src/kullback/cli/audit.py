"""Account for the loss of any model from its predictions and the labels.

Without names, the columns of a run's predictions.parquet are taken: p_…, count_… and group.
"""

from __future__ import annotations

import argparse

from kullback.cli.arguments import add_labels, add_report, add_scores, give, roles_of, scores_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kullback audit`."""
    parser.add_argument("predictions", metavar="PREDICTIONS", help="table or .npz file with predictions and labels")
    add_scores(parser)
    add_labels(parser)
    add_report(parser, "account")


def run(options: argparse.Namespace) -> None:
    """Print the account."""
    from kullback.account import audit
    from kullback.errors import InputError
    from kullback.tables import read_predictions

    found = read_predictions(options.predictions, roles_of(options))
    try:
        account = audit(
            scores_of(found), counts=found.counts, groups=found.groups, classes=found.classes, mix=options.mix
        )
    except InputError as error:
        raise type(error)(f"{options.predictions}: {error}") from error
    give(account, options)
