"""The command line: `kullback fit`, `kullback audit`, `kullback predict`."""

from kullback.cli.main import main as main
