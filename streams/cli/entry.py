"""The console script's entry: says what to install where the engine is not."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the `shutdowns` command."""
    try:
        from streams.cli.main import shutdowns
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] in ("streams", "topics"):
            raise
        sys.exit(
            f"shutdowns: {error.name} is not installed. The command line needs the engine: "
            "pip install 'shutdown-streams[engine]' (and [kafka] for a broker on this machine)."
        )
    shutdowns(prog_name="shutdowns")
