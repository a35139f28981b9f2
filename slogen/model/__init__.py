"""What the specs mean: frozen values that every stage after `resolve` reads.

Durations are whole seconds. Objectives are exact decimals, ratios 0..1.
"""

from slogen.model.indicator import Indicator, Labels, Reading, Scope, StandIn
from slogen.model.resource import Figure, Resource, ResourceType
from slogen.model.service import BoardSetting, Owner, OwnPanel, Service, Setting
from slogen.model.slo import (
    Cadence,
    Expectation,
    Happening,
    Notice,
    Objective,
    Override,
    Policy,
    Scenario,
    Severity,
    Slo,
)

__all__ = [
    "BoardSetting",
    "Cadence",
    "Expectation",
    "Figure",
    "Happening",
    "Indicator",
    "Labels",
    "Notice",
    "Objective",
    "Override",
    "OwnPanel",
    "Owner",
    "Policy",
    "Reading",
    "Resource",
    "ResourceType",
    "Scenario",
    "Scope",
    "Service",
    "Setting",
    "Severity",
    "Slo",
    "StandIn",
]
