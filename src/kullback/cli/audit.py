"""Account for the loss of any model from its predictions and the labels.

Without names, the columns of a run's predictions.parquet are taken: p_…, count_… and group.
"""

from __future__ import annotations

import argparse
import json

from kullback.cli.arguments import add_labels, add_report, add_scores


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kullback audit`."""
    parser.add_argument("predictions", metavar="PREDICTIONS", help="table or .npz file with predictions and labels")
    add_scores(parser)
    add_labels(parser)
    add_report(parser, "account")


def run(options: argparse.Namespace) -> None:
    """Print the account."""
    from kullback.account import audit
    from kullback.distributions import Logits
    from kullback.errors import InputError
    from kullback.tables import Roles, read_predictions

    roles = Roles(
        options.probabilities,
        options.logits,
        options.target,
        options.labels,
        options.counts,
        options.group,
        options.classes,
    )
    found = read_predictions(options.predictions, roles)
    scores = Logits(found.scores) if found.are_logits else found.scores
    try:
        account = audit(scores, counts=found.counts, groups=found.groups, classes=found.classes, mix=options.mix)
    except InputError as error:
        raise type(error)(f"{options.predictions}: {error}") from error
    if options.html:
        account.to_html(options.html)
    if options.json:
        print(json.dumps(account.to_dict() | account.about(), indent=1, ensure_ascii=False))
    else:
        print(account)
