"""Measure the entropy of every column of a table, and what each tells of a target."""

from __future__ import annotations

import argparse
import dataclasses
import json

from kullback.cli.arguments import names


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kullback measure`."""
    parser.add_argument(
        "table", metavar="TABLE", help="CSV, TSV, Parquet or JSON-lines file, or a data set: reviews, digits"
    )
    parser.add_argument("--target", metavar="Y", help="column whose information in the others is measured")
    parser.add_argument("--columns", type=names, default=(), metavar="A,B,…", help="columns to measure (all)")
    parser.add_argument(
        "--network", action="store_true", help="train a network on all columns and tell what they hold together"
    )
    parser.add_argument("--html", metavar="FILE", help="write the table with its bars there")
    parser.add_argument("--json", action="store_true", help="print all numbers as JSON")


def run(options: argparse.Namespace) -> None:
    """Print the columns, those that tell most of the target first."""
    from kullback.errors import InputError
    from kullback.runs import fit
    from kullback.runs.opening import open_table
    from kullback.tables import measure, rows_with

    where, frame, known = open_table(options.table)
    target = options.target or (None if known is None else known.target)
    found = measure(frame, target, columns=options.columns, base=2, where=where)
    if options.network:
        if found.target is None:
            raise InputError("--network got no target, expected a column of classes; name it with --target")
        of_kinds = [column.name for column in found.columns if column.distinct is not None]
        rows = rows_with(frame, found.target.name).select(*of_kinds, found.target.name)
        found = dataclasses.replace(found, network=fit(rows, found.target.name).account.captured)
    if options.html:
        found.to_html(options.html)
    print(json.dumps(found.to_dict(), indent=1, ensure_ascii=False) if options.json else found)
