"""How likely a shutdown was on purpose, how often chance would look like it, and how well both do. Pure."""

from streams.scoring.chance import Chances
from streams.scoring.features import FEATURES, Facts, values
from streams.scoring.model import Model, ModelError, Score, Scorer, default_scorer, load_model
from streams.scoring.recurrence import Recurrences

__all__ = [
    "FEATURES",
    "Chances",
    "Facts",
    "Model",
    "ModelError",
    "Recurrences",
    "Score",
    "Scorer",
    "default_scorer",
    "load_model",
    "values",
]
