"""What an alert said, in its own words: its templates rendered by a real Prometheus, as at the minute it spoke.

A server renders templates now. So every selector of the rule, in its expression and in the queries of its annotations,
is pinned to that minute with the `@` modifier, and the server evaluates these rules on the replay's data.
"""

from __future__ import annotations

import re
import time as clock
from collections.abc import Iterable
from typing import Any

import yaml
from harness.server import Prometheus

from incident.replay import Voice

_SELECTOR = re.compile(r'[A-Za-z_][\w:]*\{(?!\{)(?:[^}"]|\\?"(?:\\.|[^"\\])*")*\}(?:\[[^\]]+\])?')
_PATIENCE = 60.0


def spoken(server: Prometheus, moments: Iterable[tuple[Voice, float]]) -> dict[str, dict[str, str]]:
    """Annotations by the voice's name, each at its moment. The server is stopped: another takes over its data."""
    server.stop()
    found: dict[str, dict[str, str]] = {}
    wanted = [_pinned(voice, time) for voice, time in moments]
    text = yaml.safe_dump({"groups": [{"name": "words", "interval": "1s", "rules": wanted}]})
    with Prometheus(server.tools, rule_files={"words.yml": text}, folder=server.folder) as late:
        deadline = clock.monotonic() + _PATIENCE
        while len(found) < len(wanted):
            if clock.monotonic() > deadline:
                raise RuntimeError(f"silent: {[rule['labels']['voice'] for rule in wanted]}, not {sorted(found)}")
            clock.sleep(0.2)
            for rule in (rule for group in late.rules() for rule in group["rules"]):
                for alert in rule["alerts"]:
                    found[alert["labels"]["voice"]] = alert["annotations"]
    return found


def _pinned(voice: Voice, time: float) -> dict[str, Any]:
    def pin(text: str) -> str:
        return _SELECTOR.sub(lambda match: f"{match[0]} @ {time:.3f}", text)

    annotations = {name: pin(text) for name, text in voice.annotations.items()}
    labels = {**voice.rule.labels, "voice": voice.name}
    return {"alert": voice.rule.name, "expr": pin(voice.rule.expr), "labels": labels, "annotations": annotations}
