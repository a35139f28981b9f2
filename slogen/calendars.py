"""Calendar periods (UTC): which one an instant lies in, how long that is, and how much of it is over, in PromQL.

The ledger is copied into a series whose label `period` names the calendar period, so that a period to date is a plain
sum of that series. An interval belongs to the period that its middle lies in.
"""

from __future__ import annotations

from dataclasses import dataclass

from slogen import naming
from slogen.promql.durations import DAY

_FIRST_MONDAY = 4 * DAY
"""Seconds from the epoch, a Thursday, to its first Monday."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """A kind of calendar period, read by rules whose interval is `interval` seconds.

    `nominal` is its length in seconds as burn rates take it, `longest` the most it can have.
    """

    name: str
    nominal: int
    longest: int
    interval: int

    @property
    def _now(self) -> str:
        return f"time() - {self.interval // 2}"

    @property
    def _then(self) -> str:
        return f"vector({self._now})"

    @property
    def _quarter(self) -> str:
        return f"ceil(month({self._then}) / 3)"

    @property
    def present(self) -> str:
        """A vector of one element, 1, whose label `period` names the present period.

        Months are 202611, quarters 20264, weeks (from Monday) are counted from the first Monday of 1970.
        """
        number = {
            "week": f"floor(vector(({self._now} - {_FIRST_MONDAY}) / {7 * DAY}))",
            "month": f"100 * year({self._then}) + month({self._then})",
            "quarter": f"10 * year({self._then}) + {self._quarter}",
        }[self.name]
        return f'count_values("{naming.PERIOD}", {number})'

    @property
    def length(self) -> str:
        """Seconds that the present period has, a scalar."""
        leap = f"(month({self._then}) <= bool 3) * (year({self._then}) % 4 == bool 0)"
        days = {
            "week": "7",
            "month": f"scalar(days_in_month({self._then}))",
            "quarter": f"scalar(90 + {leap} + ({self._quarter} >= bool 2) + ({self._quarter} >= bool 3))",
        }[self.name]
        return f"({days} * {DAY})"

    @property
    def elapsed(self) -> str:
        """Seconds of the present period that are over, a scalar."""
        day = f"(({self._now}) % {DAY})"
        starts = "".join(
            f" - {days} * ({self._quarter} >= bool {number})"
            for number, days in ((2, f"(90 + (year({self._then}) % 4 == bool 0))"), (3, 91), (4, 92))
        )
        return {
            "week": f"(({self._now} - {_FIRST_MONDAY}) % {7 * DAY})",
            "month": f"(scalar(day_of_month({self._then}) - 1) * {DAY} + {day})",
            "quarter": f"(scalar(day_of_year({self._then}) - 1{starts}) * {DAY} + {day})",
        }[self.name]


LENGTHS = {"week": (7 * DAY, 7 * DAY), "month": (30 * DAY, 31 * DAY), "quarter": (90 * DAY, 92 * DAY)}
"""The nominal and the longest length of each kind of period, in seconds."""


def calendar(name: str, interval: int) -> Calendar:
    """A kind of calendar period by its name, for a ledger of that interval in seconds."""
    nominal, longest = LENGTHS[name]
    return Calendar(name, nominal, longest, interval)
