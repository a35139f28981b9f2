"""PromQL of the dashboard of all services: recorded series only, the same text whatever services there are.

Each is evaluated at one instant, the end of the dashboard's time range. What it reads is narrowed by a join with
`slo:info`, which has an SLO's owner and tier; every other series has its identity only.
"""

from __future__ import annotations

from slogen import naming
from slogen.model import Setting, Severity

TIER = "tier"
"""Label by which services say how much they matter."""

OWNER_VARIABLE, TIER_VARIABLE, SERVICE_VARIABLE, SEARCH_VARIABLE = "owner", "tier", "service", "search"
NO_DATA, BURNING, SPENT = 1, 2, 3
"""Values of an SLO's state; zero is within its budget."""

NEVER = "1e12"
"""Seconds until exhaustion where the budget is not being exhausted."""

BOARD = "board"
"""Label with the path of the service's dashboard."""

LONGEST_PLAIN = naming.MAX_UID - len(naming.dashboard_uid(""))
"""Characters of a service's name up to which its dashboard's uid holds it whole."""

_SLO = f"{naming.SERVICE}, {naming.SLO}"
_ID = f"{_SLO}, {naming.OBJECTIVE}"


class FleetQueries:
    """The queries, which name labels as the configuration does."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        matchers = self._matchers()
        self.chosen = f"{naming.INFO}{{{matchers}}}"
        text = "`(?i).*${" + SEARCH_VARIABLE + ":regex}.*`"
        either = (f"{naming.INFO}{{{matchers}, {label}=~{text}}}" for label in (naming.SERVICE, naming.SLO))
        self.found = f"({' or '.join(either)})"

    def _matchers(self) -> str:
        wanted = {
            naming.SERVICE: SERVICE_VARIABLE,
            self._setting.owner_label: OWNER_VARIABLE,
            TIER: TIER_VARIABLE,
        }
        return ", ".join(f'{label}=~"${variable}"' for label, variable in wanted.items())

    def slos(self) -> str:
        """How many SLOs there are; `latency` with two objectives is one."""
        return _count(self.chosen)

    def spent(self) -> str:
        """How many have no budget left."""
        groups = naming.at_level(naming.BUDGET_USED, naming.GROUP_LEVEL)
        only_groups = f"{groups} >= 1 unless on ({_SLO}) {naming.BUDGET_USED}"
        return self._counted(f"({naming.BUDGET_USED} >= 1 or {only_groups})")

    def burning(self) -> str:
        """How many use their budget faster, over the last hour, than it would last for the period."""
        return self._counted(f"{_burn_rate()} > 1")

    def silent(self) -> str:
        """How many have no data."""
        return f"{_count(_without_data(self.chosen))}\nor\n{self._zero}"

    def badly_read(self) -> str:
        """How many read less than 99% of the series that their source has."""
        return f"{_count(f'{naming.SOURCE_COVERAGE} < 0.99 and on ({_SLO}) {self.chosen}')}\nor\n{self._zero}"

    def firing(self, severity: Severity) -> str:
        """How many alerts of one severity fire."""
        return f"count({self._alerts('ALERTS', severity)})\nor\n{self._zero}"

    def alerts(self) -> str:
        """What fires, with the time in milliseconds since when."""
        began = f"1000 * ({self._alerts('ALERTS_FOR_STATE')})"
        return _linked(f"(\n{began}\nand ignoring (alertstate)\n({self._alerts('ALERTS')})\n)")

    def top_burners(self) -> str:
        """The ten objectives that use their budget fastest."""
        return _linked(f"topk(10, {_burn_rate()} and on ({_ID}) {self.chosen})")

    def table_info(self) -> str:
        """A row for each objective: whose it is, its period, and the path of its dashboard."""
        owner = self._setting.owner_label
        info = f'label_join({self.found}, "{naming.PERIOD}", "", "{naming.WINDOW}")'
        return _named(_linked(f"max by ({_ID}, {owner}, {TIER}, {naming.PERIOD}) ({info})"))

    def table_state(self) -> str:
        """What state it is in."""
        return self._column(
            f"{SPENT} + 0 * ({_used()} >= 1)\n"
            f"or on ({_ID})\n{BURNING} + 0 * ({_burn_rate()} > 1)\n"
            f"or on ({_ID})\n{NO_DATA} * {_silent(self.found)}\n"
            f"or on ({_ID})\n0 * max by ({_ID}) ({self.found})"
        )

    def table_objective(self) -> str:
        """Its objective."""
        return self._column(f"max by ({_ID}) ({naming.TARGET})")

    def table_left(self) -> str:
        """The budget that is left, below zero when more was used."""
        return self._column(f"1 - {_used()}")

    def table_burn_rate(self) -> str:
        """Its burn rate over the last hour."""
        return self._column(_burn_rate())

    def table_worst(self) -> str:
        """The highest burn rate that is recorded for it, and of which window."""
        overall = f"max by ({_ID}, {naming.WINDOW}) ({naming.BURN_RATE})"
        groups = f"max by ({_ID}, {naming.WINDOW}) ({_of_groups(naming.BURN_RATE)})"
        return self._column(f"topk by ({_ID}) (1,\n{overall}\nor\n{groups})")

    def table_exhaustion(self) -> str:
        """Seconds until its budget is spent, at the burn rate of the last hour."""
        period = f"max by ({_SLO}) ({naming.PERIOD_SECONDS})"
        left = f"clamp_min(1 - {_used()}, 0) * on ({_SLO}) group_left () {period}"
        return self._column(
            f"{left}\n/ on ({_ID})\n({_burn_rate()} > 1)\nor on ({_ID})\n{NEVER} * ({_used()} < bool 1)"
        )

    def problems(self) -> str:
        """SLOs whose data cannot be trusted: what is wrong, and the share that is there."""
        parts = {
            "no data": f"0 * {_silent(self.found, _SLO)}",
            "series that can be read": f"max by ({_SLO}) ({naming.SOURCE_COVERAGE}) < 0.99",
            "targets that answer": f"max by ({_SLO}) ({naming.TARGETS_UP}) < 1",
            "series with the bucket": f"1 - (max by ({_SLO}) ({naming.BUCKETS_MISSING}) > 0)",
        }
        told = (f'label_replace({expr}, "problem", "{name}", "", "")' for name, expr in parts.items())
        return _linked("(\n" + "\nor\n".join(told) + f"\n)\nand on ({_SLO})\n{self.found}")

    def memory_at_risk(self) -> str:
        """How many instances have less than two hours until their memory is used up."""
        return f"count(({self._memory}) < 7200)\nor\n{self._zero}\nor\n0 * count({naming.UTILISATION})"

    def memory(self) -> str:
        """The ten instances whose memory is used up first."""
        return _linked(f"bottomk(10,\n{self._memory}\n)")

    @property
    def _memory(self) -> str:
        """Seconds until memory is used up; a service without an SLO has no owner and is always there."""
        series = f'{naming.EXHAUSTION}{{{naming.SERVICE}=~"${SERVICE_VARIABLE}"}}'
        return (
            f"{series} and on ({naming.SERVICE}) {self.chosen}\nor\n{series} unless on ({naming.SERVICE}) {naming.INFO}"
        )

    @property
    def _zero(self) -> str:
        """Zero where there are SLOs, nothing where there are none."""
        return f"0 * count({self.chosen})"

    def _counted(self, which: str) -> str:
        return f"{_count(f'{which} and on ({_ID}) {self.chosen}')}\nor\n{self._zero}"

    def _column(self, expr: str) -> str:
        """A value for each row of the table; all columns have the same labels, by which Grafana joins them."""
        return _named(f"(\n{expr}\n)\nand on ({_ID})\n{self.found}")

    def _alerts(self, series: str, severity: Severity | None = None) -> str:
        """Alerts on SLOs, and those on memory and saturation."""
        told = [self._matchers()]
        if series == "ALERTS":
            told.append('alertstate="firing"')
        label, values = self._setting.severity_label, self._setting.severity_values
        if severity is not None:
            told.append(f'{label}="{values[severity]}"')
        return (
            f'{series}{{{", ".join(told)}, {naming.SLO}!=""}} or {series}{{{", ".join(told)}, {naming.RESOURCE}!=""}}'
        )


def _count(expr: str) -> str:
    return f"count(count by ({_SLO}) ({expr}))"


def _of_groups(record: str) -> str:
    """A series of groups, of SLOs that have none of their own."""
    return f"{naming.at_level(record, naming.GROUP_LEVEL)} unless on ({_SLO}) {record}"


def _used() -> str:
    """The budget that was used, of SLOs without an overall one that of the worst group."""
    groups = naming.at_level(naming.BUDGET_USED, naming.GROUP_LEVEL)
    return f"(max by ({_ID}) ({naming.BUDGET_USED}) or max by ({_ID}) ({groups}))"


def _last_hour(record: str) -> str:
    return f"sum_over_time({record}[1h])"


def _burn_rate() -> str:
    """Burn rate over the last hour: of events, so that it is there whatever windows a policy has."""
    bad, total = (_last_hour(name) for name in (naming.BAD_BASE, naming.TOTAL_BASE))
    ratio = f"max by ({_ID}) ({bad}) / on ({_SLO}) group_left () (max by ({_SLO}) ({total}) > 0)"
    burn = f"{ratio} / on ({_ID}) (1 - max by ({_ID}) ({naming.TARGET}))"
    groups = naming.at_level(naming.BURN_RATE, naming.GROUP_LEVEL)
    return f'({burn} or max by ({_ID}) ({groups}{{{naming.WINDOW}="1h"}}))'


def _without_data(info: str) -> str:
    groups = naming.at_level(naming.TOTAL_BASE, naming.GROUP_LEVEL)
    return f"{info} unless on ({_SLO}) {naming.TOTAL_BASE} unless on ({_SLO}) {groups}"


def _silent(info: str, by: str = _ID) -> str:
    """SLOs for which nothing is recorded now."""
    return f"max by ({by}) ({_without_data(info)})"


def _named(expr: str) -> str:
    """With an objective in every row, or Grafana finds no column to join on."""
    return f'label_replace({expr}, "{naming.OBJECTIVE}", "-", "{naming.OBJECTIVE}", "")'


def _linked(expr: str) -> str:
    """With the path of the service's dashboard; of a name too long for a uid, that of a search for it."""
    for path, lengths in (("/d/slo-", f"1,{LONGEST_PLAIN}"), ("/dashboards?query=", f"{LONGEST_PLAIN + 1},")):
        expr = f'label_replace({expr}, "{BOARD}", "{path}", "{naming.SERVICE}", ".{{{lengths}}}")'
    return f'label_join({expr}, "{BOARD}", "", "{BOARD}", "{naming.SERVICE}")'
