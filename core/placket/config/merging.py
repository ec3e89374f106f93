"""From the configuration to the rules of a merge."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from ..errors import PluginError
from ..merge import policy as rules
from ..registry.types import MergePolicyType
from .model import Config, FieldPolicy


def merge_policy(config: Config, plugin_policies: Iterable[MergePolicyType] = ()) -> rules.MergePolicy:
    """Make the merge policy that a configuration describes; raises ConfigError with the path below ``merge``.

    ``plugin_policies`` are those of the loaded plugins. None of them may have the name of a built-in one.
    """
    policies = dict(rules.POLICIES)
    for each in plugin_policies:
        if each.name in rules.POLICIES:
            raise PluginError(
                f"the merge policy {each.name!r} of {each.origin} has the name of a built-in one",
                distribution=str(each.origin or ""),
            )
        policies[each.name] = each.policy
    merge = config.merge
    return rules.MergePolicy(
        **{
            **{field.name: getattr(merge, field.name) for field in attrs.fields(type(merge))},
            "weights": config.weights,
            "fields": {path: _field_policy(policy) for path, policy in merge.fields.items()},
            "policies": policies,
        }
    )


def _field_policy(policy: FieldPolicy) -> rules.FieldPolicy:
    return rules.FieldPolicy(**attrs.asdict(policy))
