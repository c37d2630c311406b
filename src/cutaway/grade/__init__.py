"""Stages as data, the player that plays them, verdicts, reports.

In reading order: verdict and stage; what a case can say (steps, matchers, then drastic, crowd,
outside, bulk, enduring); what carries it out (outcomes, cutting, play, differences, byhand); the
program under test (running, starts); player; reports/.
"""
