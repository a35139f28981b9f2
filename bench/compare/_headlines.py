"""The figures by which a section is known: they open docs/benchmarks.md, and `make bench` prints how they changed.

A section gives them with `headlines(figures) -> list[Headline]`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Headline:
    """One figure. `name` stays the same from run to run; `target` is the least (or the most) that was set out for."""

    name: str
    value: float
    unit: str = "x"
    more_is_better: bool = True
    target: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the target is met, if there is one."""
        if self.target is None:
            return True
        return self.value >= self.target if self.more_is_better else self.value <= self.target

    def worse(self, before: float) -> float:
        """How many times worse than before: 1 is the same, less is better."""
        now, then = (before, self.value) if self.more_is_better else (self.value, before)
        if now == then:
            return 1.0
        return float("inf") if then <= 0 else now / then

    def shown(self, value: float | None = None) -> str:
        """The value with its unit."""
        number = self.value if value is None else value
        digits = 0 if abs(number) >= 100 else 1 if abs(number) >= 10 else 2
        text = f"{number:,.{digits}f}" if abs(number) >= 1 or not number else f"{number:.2g}"
        return f"{text}{'' if self.unit in ('x', '%') else ' '}{self.unit}".strip()
