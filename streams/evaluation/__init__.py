"""Measures the engine against published lists whose causes were found out by hand."""

from streams.evaluation.evaluation import Evaluation, Scored, Years, evaluate, score, year
from streams.evaluation.lists import Lists, Played, play

__all__ = ["Evaluation", "Lists", "Played", "Scored", "Years", "evaluate", "play", "score", "year"]
