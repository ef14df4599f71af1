"""The command line: `kullback fit`, `kullback audit`, `kullback predict`, `kullback measure`."""

from kullback.cli.main import main as main
