"""Stages in Faust: one process, one app and one consumer group a stage.

`batching` has the work itself and knows no Faust; the rest makes Faust keep the promise that nothing is
committed before its results are safe.
"""
