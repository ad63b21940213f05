"""Finding a plan and proving it: rules, problem, search, conflicts."""

from ikmplan.model.problem import make_problem as make_problem
