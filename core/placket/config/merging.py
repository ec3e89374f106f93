"""From the configuration to the rules of a merge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from ..errors import ConfigError, PluginError
from ..merge import Evidence, Policy
from ..merge import policy as rules
from ..record import Resolution
from ..registry.types import MergePolicyType
from .model import Config, FieldPolicy, MergeConfig


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
        policies[each.name] = _attributed(each)
    merge = config.merge
    return rules.MergePolicy(
        **{
            **{field.name: getattr(merge, field.name) for field in attrs.fields(type(merge))},
            "weights": config.weights,
            "fields": {path: _field_policy(policy) for path, policy in merge.fields.items()},
            "policies": policies,
        }
    )


def _attributed(kind: MergePolicyType) -> Policy:
    """Name the plugin where its policy fails, as a provider's failure names its own."""

    def policy(evidence: Evidence) -> Resolution:
        try:
            found = kind.policy(evidence)
        except Exception as error:
            raise _fault(kind, evidence, f"failed with {type(error).__name__}") from error
        if not isinstance(found, Resolution):
            raise _fault(kind, evidence, f"gave a {type(found).__name__} and not a Resolution")
        return found

    return policy


def _fault(kind: MergePolicyType, evidence: Evidence, what: str) -> PluginError:
    whose = str(kind.origin or "an unnamed plugin")
    return PluginError(
        f"the merge policy {kind.name!r} of {whose} {what}: a fault in the plugin, please report it to its author",
        path=f"merge.fields.{evidence.path}.policy",
        distribution=whose,
    )


def merge_problems(config: Config, plugin_policies: Iterable[MergePolicyType] = ()) -> Iterator[ConfigError]:
    """Everything for which `merge_policy` refuses a configuration, where that raises the first."""
    policies, merge = tuple(plugin_policies), config.merge
    parts = [attrs.evolve(merge, fields={}, calibration={})]
    parts += [MergeConfig(fields={path: policy}) for path, policy in merge.fields.items()]
    parts += [MergeConfig(calibration={provider: points}) for provider, points in merge.calibration.items()]
    for part in parts:
        try:
            merge_policy(attrs.evolve(config, merge=part), policies)
        except PluginError as error:
            yield error
            return  # no part can do without the plugins
        except ConfigError as error:
            yield error


def _field_policy(policy: FieldPolicy) -> rules.FieldPolicy:
    return rules.FieldPolicy(**attrs.asdict(policy))
