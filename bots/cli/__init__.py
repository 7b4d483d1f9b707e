"""The command line. The front door is `main`."""

from bots.cli.commands import main

__all__ = ["main"]
