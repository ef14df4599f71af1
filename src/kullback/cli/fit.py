"""Train a network on a table and account for its loss."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from kullback.cli.arguments import add_labels, names

ENCODER = "all-minilm-l6-v2"

KINDS = ("text", "categorical", "numeric", "datetime")
"""The kinds of column that can be forced, each an option of its own name."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kullback fit`."""
    parser.add_argument(
        "table", metavar="TABLE", help="CSV, TSV, Parquet or JSON-lines file, or a data set: reviews, digits"
    )
    add_labels(parser)
    parser.add_argument("--test", metavar="FILE", help="account for the rows of this table instead of out-of-fold rows")
    parser.add_argument("--drop", type=names, default=(), metavar="A,B,…", help="columns that are not features")
    for kind in KINDS:
        parser.add_argument(f"--{kind}", type=names, default=(), metavar="A,B,…", help=f"columns to read as {kind}")
    parser.add_argument(
        "--encoder",
        nargs="?",
        const=ENCODER,
        metavar="MODEL",
        help=f"encode text with a sentence encoder: {ENCODER} (extra 'text'), or a model folder",
    )
    parser.add_argument("--folds", type=int, default=5, metavar="N", help="networks, each predicting its fold (5)")
    parser.add_argument("--epochs", type=int, metavar="N", help="passes over the rows at most (chosen by size)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed gives the same networks (0)")
    parser.add_argument("--output", metavar="DIR", help="run folder (runs/NAME)")
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier run in the same folder")
    parser.add_argument("--json", action="store_true", help="print the account as JSON")
    parser.add_argument("--quiet", action="store_true", help="show no progress")


def run(options: argparse.Namespace) -> None:
    """Train, print the account and tell where the report lies."""
    from kullback.runs import fit
    from kullback.runs.folder import REPORT, next_folder

    kinds = {name: kind for kind in KINDS for name in getattr(options, kind)}
    output = Path(options.output) if options.output else next_folder(Path(options.table).stem)
    fitted = fit(
        options.table,
        options.target,
        labels=options.labels,
        counts=options.counts,
        group=options.group,
        drop=options.drop,
        kinds=kinds,
        encoder=options.encoder,
        test=options.test,
        folds=options.folds,
        epochs=options.epochs,
        seed=options.seed,
        output=output,
        overwrite=options.overwrite,
        quiet=options.quiet,
    )
    if options.json:
        print(json.dumps(fitted.account.to_dict() | fitted.account.about(), indent=1, ensure_ascii=False))
        return
    print(fitted.account)
    print(f"\nreport: {output / REPORT}")
