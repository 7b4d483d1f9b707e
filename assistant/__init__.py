"""Answers questions about the Compact, each sentence with the passage it rests on.

Begin with `values`, the things that pass between stages; `front_door` is the one class that channels see, and
`wiring` the one place where the parts are put together.
"""
