"""JSON for tools, on standard output."""

from __future__ import annotations

import json
from typing import Any

import click


def print_json(value: Any) -> None:
    """Print it, indented, in the order it has."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
