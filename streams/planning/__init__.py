"""How much a load needs: partitions, workers, memory, disk and bytes, from measured figures. Pure.

`plan(Question(...))` answers; `load_figures` reads the figures, one's own before those of the package.
"""

from streams.planning.figures import Figure, PlanError, load_figures
from streams.planning.model import Plan, StagePlan, TopicPlan, plan
from streams.planning.question import Question
from streams.planning.words import as_markdown

__all__ = [
    "Figure",
    "Plan",
    "PlanError",
    "Question",
    "StagePlan",
    "TopicPlan",
    "as_markdown",
    "load_figures",
    "plan",
]
