"""Finding passages: an index on disk, BM25 and Chroma over it, and one ranking of both."""
