"""Measure the entropy of every column of a table, and what each tells of a target."""

from __future__ import annotations

import argparse
import json

from kullback.cli.arguments import names


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kullback measure`."""
    parser.add_argument(
        "table", metavar="TABLE", help="CSV, TSV, Parquet or JSON-lines file, or a data set: reviews, digits"
    )
    parser.add_argument("--target", metavar="Y", help="column whose information in the others is measured")
    parser.add_argument("--columns", type=names, default=(), metavar="A,B,…", help="columns to measure (all)")
    parser.add_argument("--html", metavar="FILE", help="write the table with its bars there")
    parser.add_argument("--json", action="store_true", help="print all numbers as JSON")


def run(options: argparse.Namespace) -> None:
    """Print the columns, those that tell most of the target first."""
    from kullback.runs.opening import open_table
    from kullback.tables import measure

    where, frame, known = open_table(options.table)
    target = options.target or (None if known is None else known.target)
    found = measure(frame, target, columns=options.columns, base=2, where=where)
    if options.html:
        found.to_html(options.html)
    print(json.dumps(found.to_dict(), indent=1, ensure_ascii=False) if options.json else found)
