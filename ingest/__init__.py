"""From files to an index that the assistant can search. The front door is `ingest`."""

from ingest.pipeline import Report, ingest
from ingest.sources import Overrides

__all__ = ["Overrides", "Report", "ingest"]
