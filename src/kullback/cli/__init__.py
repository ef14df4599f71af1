"""The command line: `kullback fit`, `kullback audit`, `kullback compare`, `kullback measure`, `kullback predict`."""

from kullback.cli.main import main as main
