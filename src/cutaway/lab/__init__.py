"""Experiments: predict, run, see, explain.

In reading order: units, table, shapes, prediction, knobs, lab (an experiment as data), machine,
runner (measures), trace (octets), result (what is kept), drawn (a curve that was predicted), report
(what the rows show), compared (with the run before), part (a program beside it), bars, then scale,
chart_rows, chart_curves, chart (the picture) and drawing (as an image).
"""
