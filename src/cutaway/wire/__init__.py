"""Bytes by name: the readers, layouts and views that every topic shares."""
