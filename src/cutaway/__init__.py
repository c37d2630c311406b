"""Cutaway: a backend with its side cut off, to see it work, to build it and to break it."""

__version__ = "0.1.0"
