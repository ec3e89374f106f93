"""Who is called: the router, its strategies, and what guards each call."""

from .breaker import CircuitBreaker
from .budget import SpendingLimit
from .generation import Generation
from .observing import trace_headers_of
from .parts import Enriched, EnrichmentRules, Part, PartState, Step
from .plan import Plan, PlanStep
from .request import concerns_host
from .route import Difference, Route
from .router import Router, Tagged
from .strategies import All, Balance, Complete, First, Race, Shadow, Strategy
from .target import ProviderTarget

__all__ = [
    "All",
    "Balance",
    "CircuitBreaker",
    "Complete",
    "Difference",
    "Enriched",
    "EnrichmentRules",
    "First",
    "Generation",
    "Part",
    "PartState",
    "Plan",
    "PlanStep",
    "ProviderTarget",
    "Race",
    "Route",
    "Router",
    "Shadow",
    "SpendingLimit",
    "Step",
    "Strategy",
    "Tagged",
    "concerns_host",
    "trace_headers_of",
]
