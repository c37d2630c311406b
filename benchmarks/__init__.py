"""Figures, each with its limit: how fast the reference is beside its peers, and what a check costs.

    python -m benchmarks                all of them
    python -m benchmarks servers help   some of them

Ratios against peers that run in the same minute on the same machine, not seconds: seconds belong
to a machine. Every figure is the median of several rounds in which the contestants take turns, with
the smallest and the largest beside it. What came out last is kept in RESULTS.md.
"""
