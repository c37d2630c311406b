"""Stages as data, the player that plays them, verdicts, reports.

In reading order: verdict and stage; what a case can say (steps, seeing, delivery, matchers, then
drastic, crowd, outside, bulk, enduring); what carries it out (outcomes, line, cutting, play,
differences, byhand); the program under test (running, starts); player, with ahead, beside and
results; reports/.

A program that connects to others has far sides, which are played too: far, then asking and taking,
ruled and answering, flowing, bothsides. secured is for clients over TLS.
"""
