"""What the policies of resources share: alerts that name the service and count its instances in trouble."""

from __future__ import annotations

from slogen.model import Resource
from slogen.promql.build import aggregate, lines
from slogen.resource_fields import SINGLE


def kept(resource: Resource) -> tuple[str, ...]:
    """Labels of an alert: identity, and what instances have in common."""
    shared = tuple(label for label in resource.by if label not in SINGLE)
    return (*(name for name, _ in resource.identity), *shared)


def counted(resource: Resource, condition: str) -> str:
    """How many instances a condition holds for, whatever number of series each has."""
    each = aggregate("max", (*kept(resource), *(label for label in resource.by if label in SINGLE)), lines(condition))
    return aggregate("count", kept(resource), lines(each))


def title(resource: Resource) -> str:
    """`checkout/heap`."""
    return f"{resource.service}/{resource.name}"


def instance(resource: Resource) -> str:
    """How one instance is called in an alert's text, of a sample's labels in a template."""
    label = next((label for label in resource.by if label in SINGLE), resource.by[-1])
    return f".Labels.{label}"


def worst(resource: Resource, expr: str, text: str) -> str:
    """A template: `text` with the value of the worst three instances, the first of `expr` sorted."""
    own = " ".join(f"$labels.{label}" for label in kept(resource)[2:])
    query = f"printf `{expr}` {own} | query" if own else f"query `{expr}`"
    return f"{{{{ range {query} }}}} {{{{ {instance(resource)} }}}} {text};{{{{ end }}}}"


def told(resource: Resource, record: str, *labels: tuple[str, str]) -> str:
    """A selector for `worst`: of the alert's own group."""
    selector = resource.series(record, *labels)
    own = "".join(f", {label}=%[{number}]q" for number, label in enumerate(kept(resource)[2:], 1))
    return f"{selector[:-1]}{own}}}"
