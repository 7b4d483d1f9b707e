"""`python -m assistant`: the same as the console script, found by its name so that nothing here imports outward."""

import sys
from importlib.metadata import entry_points

if __name__ == "__main__":
    [script] = entry_points(group="console_scripts", name="compact-assistant")
    sys.exit(script.load()())
