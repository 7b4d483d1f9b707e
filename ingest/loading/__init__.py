"""Readers of file formats: each makes `Loaded` of one kind of file."""
