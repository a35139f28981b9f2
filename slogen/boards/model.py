"""What a dashboard shows, as data: rows of panels, what they ask and how that is read.

Units, the ids of overridden properties and link variables are Grafana's own words; JSON is the target's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

BLUE, ORANGE, VERMILLION = "#0072B2", "#E69F00", "#D55E00"
GREEN, SKY, PURPLE = "#009E73", "#56B4E9", "#CC79A7"
"""Colours that all people can tell apart (Okabe and Ito). Blue is well, orange is to be watched, vermillion is bad,
purple is not known."""

YELLOW = "#F0E442"
"""Stands for orange behind text, which is black on it."""

GREY, PLAIN = "#6E6E6E", "text"
"""What is quiet, and what is written as other text is."""

NONE = "transparent"
NO_DATA = "no data"
COLUMNS = 24


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL, and the name of each series that it gives.

    An `instant` one is asked at the end of the time range only. With `table` each label is a column.
    """

    expr: str
    legend: str = ""
    instant: bool = False
    table: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link; with `keep_time` it takes the time range along."""

    title: str
    url: str
    new_tab: bool = False
    keep_time: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """From this value on, the lowest one where there is none, values have this colour."""

    since: float | None
    colour: str


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in place of a value: of exactly `value`, of those from `low` to `high`, or of no number."""

    text: str
    colour: str = ""
    value: str | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Override:
    """Properties, by Grafana's ids, of the series or column of a name, of names by a pattern, or of a query's letter.

    One that is the same object is written only once.
    """

    name: str
    properties: tuple[tuple[str, Any], ...]
    by: str = "byName"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What every panel has; `description` says how to read it.

    Its id follows from its title, so that panels may come and go around it. `span` is a time range of its own, such as
    `30d` up to now; `interval` the least step of its queries; `transformations` are Grafana's. `colour` is that of
    every series; without it each has that of the step of its last value.
    """

    kind: ClassVar[str]

    title: str
    description: str
    unit: str
    queries: tuple[Query, ...]
    width: int = 8
    height: int = 8
    decimals: int | None = None
    low: float | None = None
    high: float | None = None
    no_value: str = NO_DATA
    colour: str = ""
    steps: tuple[Step, ...] = ()
    words: tuple[Words, ...] = ()
    overrides: tuple[Override, ...] = ()
    links: tuple[Link, ...] = ()
    data_links: tuple[Link, ...] = ()
    transformations: tuple[Any, ...] = ()
    span: str = ""
    interval: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat(Panel):
    """Figures, one below the other with the name of each, in letters of `size`; 0 makes them as large as there is room.

    `sparkline` draws the past of each behind it; `coloured` is the figure (`value`) or what is behind it
    (`background_solid`).
    """

    kind: ClassVar[str] = "stat"

    sparkline: bool = False
    orientation: str = "horizontal"
    size: int = 20
    names: bool = True
    coloured: str = "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSeries(Panel):
    """Lines over time. `steps_as` draws the steps too: `area`, `dashed`, or `off`."""

    kind: ClassVar[str] = "timeseries"

    stacked: bool = False
    fill: int = 0
    steps_as: str = "off"
    soft_low: float | None = None
    soft_high: float | None = None
    bars: bool = False
    width_of_lines: int = 1
    points: str = "never"
    legend_values: tuple[str, ...] = ("lastNotNull",)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTimeline(Panel):
    """States over time, a line for each series."""

    kind: ClassVar[str] = "state-timeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Panel):
    """Rows, in the order of a column; `filterable` columns have a filter in their head."""

    kind: ClassVar[str] = "table"

    sort_by: str = ""
    descending: bool = True
    filterable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BarGauge(Panel):
    """Bars, one for each series."""

    kind: ClassVar[str] = "bargauge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Panel):
    """Markdown."""

    kind: ClassVar[str] = "text"

    unit: str = ""
    queries: tuple[Query, ...] = ()
    markdown: str


@dataclass(frozen=True, slots=True)
class Row:
    """Panels below a title, from left to right, on as many lines as they need."""

    title: str
    panels: tuple[Panel, ...]
    collapsed: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """What a reader may choose, from the values that a query gives; its `kind` is Grafana's."""

    name: str
    label: str
    query: str
    description: str = ""
    kind: str = "query"
    multi: bool = True
    all_value: str = ".*"


@dataclass(frozen=True, slots=True)
class Annotation:
    """Events that are marked in every panel; `value_is_time` takes the value of a sample for its time, in ms.

    One that is not `shown` can be switched on.
    """

    name: str
    expr: str
    colour: str
    title: str
    text: str = ""
    value_is_time: bool = False
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard; `time` is how far back from now it looks at first."""

    uid: str
    title: str
    description: str
    tags: tuple[str, ...]
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    links: tuple[Link, ...] = ()
    time: str = "now-6h"
    refresh: str = "1m"
