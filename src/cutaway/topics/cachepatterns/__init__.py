"""Patterns around a cache: when it is asked, when it is told, and what then is old, lost or late."""
