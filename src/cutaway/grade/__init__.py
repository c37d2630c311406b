"""Stages as data, the player that plays them, verdicts, reports.

In reading order: verdict, stage, steps and drastic (what a case can say), play, running, player,
byhand, reports/.
"""
