"""Experiments: predict, run, see, explain.

In reading order: units, table, shapes, prediction, knobs, lab (an experiment as data), machine,
runner (measures), result (what is kept), report (what the rows show), bars and chart (the picture).
"""
