"""TCP: a stream of bytes, and where messages come from."""
