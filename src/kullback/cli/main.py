"""main: parse the arguments, run the command, and turn what users can mend into one line and exit code 2."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from kullback.cli import audit, compare, fit, measure, predict
from kullback.errors import KullbackError
from kullback.version import __version__

COMMANDS = {"fit": fit, "audit": audit, "compare": compare, "predict": predict, "measure": measure}
"""Command → the module that adds its arguments and runs it."""


class OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Leave with exit code 2, and tell where help is instead of printing it."""
        self.exit(2, f"{self.prog}: error: {message}; see {self.prog} --help\n")


def parser() -> argparse.ArgumentParser:
    """Lay out the arguments of all commands."""
    top = OneLineParser(
        prog="kullback",
        description="Train networks on cross-entropy and see where a model's loss goes, in bits and with error bars.",
    )
    top.add_argument("--version", action="version", version=f"kullback {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        first_line = (module.__doc__ or "").splitlines()[0]
        own = commands.add_parser(name, help=first_line, description=first_line)
        module.add_arguments(own)
        own.set_defaults(run=module.run)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: without the program's name; those of the process if None.

    Returns:
        0; 2 after an error that the message tells how to mend; 130 after Ctrl-C.
    """
    options = parser().parse_args(arguments)
    try:
        options.run(options)
        sys.stdout.flush()
    except KullbackError as error:
        return _fail(str(error))
    except BrokenPipeError:
        # the reader has gone, for instance `head`; say nothing more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _fail(
            f"{error.filename or 'a file'} cannot be written or read: {error.strerror or error}; check the path"
        )
    except KeyboardInterrupt:
        print("kullback: interrupted; nothing was kept", file=sys.stderr)
        return 130
    return 0


def _fail(message: str) -> int:
    print(f"kullback: error: {' '.join(message.split())}", file=sys.stderr)
    return 2
