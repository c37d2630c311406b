"""Stages and cases as data, the player that plays them, and the report."""
