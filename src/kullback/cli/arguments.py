"""What the commands' arguments share."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kullback.account import Account, Comparison
    from kullback.tables import Predictions, Roles


def names(text: str) -> tuple[str, ...]:
    """Split `a,b,c` into names."""
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if not found:
        raise argparse.ArgumentTypeError("expected names separated by commas, such as a,b,c")
    return found


def add_labels(parser: argparse.ArgumentParser) -> None:
    """Add the three ways to name labels, of which one is used."""
    labels = parser.add_mutually_exclusive_group()
    labels.add_argument("--target", metavar="Y", help="column with one label per row")
    labels.add_argument(
        "--labels", type=names, default=(), metavar="A,B,…", help="columns with one annotator's label each"
    )
    labels.add_argument(
        "--counts", type=names, default=(), metavar="A,B,…", help="columns with label counts, one per class"
    )
    parser.add_argument("--group", metavar="COLUMN", help="column whose rows belong together: one sampling unit each")


def add_scores(parser: argparse.ArgumentParser) -> None:
    """Add the two ways to name predictions, of which one is used."""
    scores = parser.add_mutually_exclusive_group()
    scores.add_argument(
        "--probabilities", type=names, default=(), metavar="A,B,…", help="columns of probabilities, one per class"
    )
    scores.add_argument("--logits", type=names, default=(), metavar="A,B,…", help="columns of logits, one per class")


def add_report(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the names of the classes, the share of the uniform distribution, and what is written."""
    parser.add_argument(
        "--classes", type=names, default=(), metavar="A,B,…", help="names of the classes, in column order"
    )
    parser.add_argument(
        "--mix", type=float, default=0.0, metavar="EPS", help="blend in this share of the uniform distribution"
    )
    parser.add_argument("--html", metavar="FILE", help="write the report there")
    parser.add_argument("--json", action="store_true", help=f"print the {what} as JSON")


def roles_of(options: argparse.Namespace) -> Roles:
    """Give the columns that were named."""
    from kullback.tables import Roles

    return Roles(
        options.probabilities,
        options.logits,
        options.target,
        options.labels,
        options.counts,
        options.group,
        options.classes,
    )


def scores_of(found: Predictions) -> Any:
    """Give the predictions of a file as `audit` and `compare` take them."""
    from kullback.distributions import Logits

    return Logits(found.scores) if found.are_logits else found.scores


def give(report: Account | Comparison, options: argparse.Namespace) -> None:
    """Write the page that was asked for, and print the report."""
    if options.html:
        report.to_html(options.html)
    if options.json:
        print(json.dumps(report.to_dict() | report.about(), indent=1, ensure_ascii=False))
    else:
        print(report)
