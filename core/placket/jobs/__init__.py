"""Jobs that outlive a process: the ledger that keeps them, and tagging in bulk that takes them up again."""

from .bulk import Outcome
from .keeping import JobRules, question_of
from .ledger import KeptJob, KeptState, Ledger
from .router import Router

__all__ = ["JobRules", "KeptJob", "KeptState", "Ledger", "Outcome", "Router", "question_of"]
