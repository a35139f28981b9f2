"""Files of rules by chance that Prometheus could read, half of them: expressions by a grammar, in any style of YAML."""

from __future__ import annotations

import json
import random

METRICS = ("up", "x_total", "http_requests_total", "http_seconds_bucket", "job:errors:rate5m", "a:b:c", "disk_free", "")
LABELS = ("job", "pod", "le", "instance", "code", "quantile", "a")
VALUES = (*("shop", "5..", ".*", "^a$", "(a|b)+", "", "x" * 200, "é\U0001f600", "a b") * 9, "\\\\d", "[", "\\n")
DURATIONS = (*("1s", "30s", "5m", "1h30m", "30d", "300ms") * 9, "0s", "1000y", "5", "1m*2")
RANGED = ("rate", "irate", "increase", "delta", "deriv", "resets", "changes", "max_over_time", "absent_over_time")
PLAIN = ("abs", "absent", "vector", "timestamp", "sort", "round", "histogram_quantile", "label_replace")
AGGREGATIONS = ("sum", "avg", "max", "min", "count", "group", "stddev", "topk", "bottomk", "quantile", "count_values")
OPERATORS = ("+", "-", "*", "/", "%", "^", "==", "!=", ">", "<", ">=", "<=", "and", "or", "unless", "atan2", "> bool")
SETS = ("and", "or", "unless")
TEXTS = (
    *("x", "{{ $labels.job }}", "{{ $labels.pod | title }} {{ $value | humanize }}", "{{/* c */}}", "a: b # c", "") * 9,
    *('{{ range query "up" }}{{ . }}{{ end }}', "- x", "'\"`") * 9, "{{ $x }}", "{{ if $labels.a }}",
    "{{ end }}", "\u2028",
)  # fmt: skip
CODES = (
    "promql/irate", "rules/alert-always", "promql/counter-rate", "rulefile/promql", "nothing/such", "rules/wait-zero",
)  # fmt: skip
ENDS = (" until 2027-01-31", " until 2020-01-01", " until never", "", "", "")


def file(chance: random.Random) -> bytes:
    """A file of groups, or a resource with them; some comments mean findings so."""
    lines = ["groups:"]
    for number in range(chance.randint(1, 3)):
        lines += [f"  - name: {_scalar(chance, f'g{number}', 6)}"]
        if chance.random() < 0.4:
            lines.append(f"    interval: {chance.choice(DURATIONS)}")
        if chance.random() < 0.1:
            lines.append("    labels: {team: a, job: b}")
        lines.append("    rules:")
        for _ in range(chance.choice((1, 1, 2, 2, 3, 5))):
            lines += _rule(chance)
    if chance.random() < 0.2:
        head = ["apiVersion: monitoring.coreos.com/v1", "kind: PrometheusRule", "metadata: {name: x}", "spec:"]
        lines = head + [f"  {line}" for part in lines for line in part.split("\n")]
    if chance.random() < 0.1:
        lines.insert(0, _comment(chance, "-file"))
    text = chance.choice(("\n", "\n", "\n", "\r\n")).join([*lines, ""])
    return ("\ufeff" if chance.random() < 0.05 else "").encode() + text.encode()


def _rule(chance: random.Random) -> list[str]:
    is_alert = chance.random() < 0.5
    lines = [f"      {_comment(chance, '')}"] if chance.random() < 0.1 else []
    name = (
        chance.choice(("Errors", "Down", "A")) if is_alert else chance.choice(("job:errors:rate5m", "a:b:c", "plain"))
    )
    lines.append(f"      - {'alert' if is_alert else 'record'}: {_scalar(chance, name, 10)}")
    lines.append(f"        expr: {_scalar(chance, expression(chance, chance.randint(0, 4)), 10)}")
    if is_alert and chance.random() < 0.5:
        lines.append(f"        for: {chance.choice(DURATIONS)}")
    if is_alert and chance.random() < 0.2:
        lines.append(f"        keep_firing_for: {chance.choice(DURATIONS)}")
    for key in ("labels", "annotations") if is_alert else ("labels",):
        if chance.random() < 0.4:
            lines.append(f"        {key}:")
            names = chance.sample(("severity", "team", "summary", "job"), chance.randint(1, 3))
            lines += [f"          {label}: {_scalar(chance, chance.choice(TEXTS), 12)}" for label in names]
    if chance.random() < 0.1:
        lines[-1] += f" {_comment(chance, '')}"
    return lines


def _comment(chance: random.Random, scope: str) -> str:
    codes = ", ".join(chance.sample(CODES, chance.randint(1, 2)))
    return f"# slogen:ignore{scope} {codes} {chance.choice(('', 'meant so', 'why'))}{chance.choice(ENDS)}"


def _scalar(chance: random.Random, text: str, indent: int) -> str:
    style = chance.randrange(5)
    if style == 0 and "\n" not in text and "\u2028" not in text:
        return "'" + text.replace("'", "''") + "'"
    if style == 1 and text[:1].isalnum():
        return chance.choice(("|-", ">-") if "#" not in text else ("|-",)) + _lines_of(text, indent)
    if style == 2 and text[:1].isalpha() and not any(mark in text for mark in (": ", " #", "\n", "\u2028")):
        return text
    return json.dumps(text, ensure_ascii=chance.random() < 0.5 and text.isascii())


def _lines_of(text: str, indent: int) -> str:
    return "".join(f"\n{' ' * indent}{line}" for line in text.split("\n"))


def expression(chance: random.Random, depth: int) -> str:
    """An expression that Prometheus takes, or nearly one: now and then a word of it is another."""
    text = _vector(chance, depth)
    if chance.random() < 0.04:
        words = text.split(" ")
        words[chance.randrange(len(words))] = chance.choice(
            (*OPERATORS, "by (a)", "offset", "", ")", "[5m]", "0", '"x"')
        )
        text = " ".join(words)
    return text


def _vector(chance: random.Random, depth: int) -> str:
    if depth <= 0:
        return _selector(chance) + chance.choice(("", "", "", "", " offset 5m", " @ start()", " offset -1d"))
    kind, labels = chance.randrange(6), f"({', '.join(chance.sample(LABELS, chance.randint(0, 3)))})"
    if kind == 0:
        return f"{chance.choice(RANGED)}({_selector(chance)}[{chance.choice(DURATIONS)}])"
    inner = _vector(chance, depth - 1)
    if kind == 1:
        return _call(chance, inner)
    if kind == 2:
        return _aggregation(chance, inner, labels)
    if kind == 3:
        return f"{chance.choice(RANGED)}(({inner})[{chance.choice(DURATIONS)}:{chance.choice(('', '1m', '30s'))}])"
    around = chance.choice((f"({inner})", f"-({inner})", f"({inner} # note\n)", f"(\n {inner}\n)"))
    return around if kind == 4 else _binary(chance, inner, labels, depth)


def _call(chance: random.Random, inner: str) -> str:
    name = chance.choice(PLAIN)
    first = {"histogram_quantile": chance.choice(("0.9, ", "99, ")), "vector": "scalar("}.get(name, "")
    rest = {"label_replace": ', "a", "$1", "b", "(.*)"', "vector": ")", "round": ", 0.5"}.get(name, "")
    return f"{name}({first}{inner}{rest})"


def _aggregation(chance: random.Random, inner: str, labels: str) -> str:
    operator = chance.choice(AGGREGATIONS)
    first = {"topk": "1, ", "bottomk": "5, ", "quantile": "0.9, ", "count_values": '"a", '}.get(operator, "")
    grouping = chance.choice(("", f" by {labels}", f" without {labels}"))
    return f"{operator}{grouping} ({first}{inner})"


def _binary(chance: random.Random, left: str, labels: str, depth: int) -> str:
    operator = chance.choice(OPERATORS)
    if operator not in SETS and chance.random() < 0.4:
        return f"{left} {operator} {chance.choice(('0', '1', '-2.5', 'Inf', '1e3', '99'))}"
    matching = chance.choice(("", "", f" on {labels}", f" ignoring {labels}"))
    if matching and operator not in SETS and chance.random() < 0.3:
        matching += " group_left (zone)"
    return f"{left} {operator}{matching} {_vector(chance, depth - 1)}"


def _selector(chance: random.Random) -> str:
    matchers = [
        f'{chance.choice(LABELS)}{chance.choice(("=", "!=", "=~", "!~"))}"{chance.choice(VALUES)}"'
        for _ in range(chance.choice((0, 0, 1, 1, 2, 4)))
    ]
    metric = chance.choice(METRICS)
    if not metric:
        matchers.append('job="shop"')
    return metric + (f"{{{', '.join(matchers)}}}" if matchers else "")
