"""How good the answers are, how fast, and against what."""
