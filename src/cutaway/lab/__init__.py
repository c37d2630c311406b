"""Experiments: predict, run, see, explain.

In reading order: units, table, shapes, prediction, knobs, lab (an experiment as data), machine,
runner (measures), trace (octets), result (what is kept), report (what the rows show), part (a program beside it),
bars, then scale, chart_rows, chart_curves and chart (the picture).
"""
