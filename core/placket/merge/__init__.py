"""How claims become a record.

`merge` is a pure function over sets of claims; `MergePolicy` holds its rules. A policy of your own is a function from
`Evidence` to a `Resolution`, handed over by name::

    from placket.merge import POLICIES, MergePolicy, merge

    rules = MergePolicy(weights={"careful": 2.0}, policies={**POLICIES, "mine": mine})
    record = merge(findings.claims, earlier_record, id="dress-1", policy=rules)
"""

from .evidence import Evidence, Policy, Voter
from .policy import POLICIES, FieldPolicy, MergePolicy
from .resolve import Sources, merge

__all__ = ["POLICIES", "Evidence", "FieldPolicy", "MergePolicy", "Policy", "Sources", "Voter", "merge"]
