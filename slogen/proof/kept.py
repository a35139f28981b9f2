"""Outcomes that are kept by the content of what was judged, so a stale or damaged one is never used."""

from __future__ import annotations

import hashlib
import json
import secrets
from contextlib import suppress
from dataclasses import asdict

from slogen.digests import digest
from slogen.model import Resource, Slo
from slogen.proof.built import without_names
from slogen.proof.running import Outcome, Trial
from slogen.receipt import cache_folder


def key(version: str, slo: Slo | Resource, trial: Trial) -> str:
    """All that an outcome depends on but names: promtool, rules, series, questions and the forecast."""
    forecast = trial.past.forecast
    series = [one["values"] for one in trial.case["input_series"]]
    case = {**trial.case, "name": "", "input_series": series}
    rules = [
        [
            (
                rule.get("record", rule.get("alert")),
                rule["expr"],
                rule.get("for", ""),
                rule.get("keep_firing_for", ""),
                rule.get("labels"),
            )
            for rule in group["rules"]
        ]
        for group in trial.groups
    ]
    told = asdict(forecast) if forecast else None
    whole = json.dumps(
        [version, trial.every, trial.past.trouble, rules, case, told], sort_keys=True, default=str, ensure_ascii=False
    )
    return hashlib.sha256(without_names(whole.replace('\\"', '"'), slo).encode()).hexdigest()


def recall(name: str) -> Outcome | None:
    """What was kept under a key: an outcome with nothing wrong."""
    folder = cache_folder()
    if folder is None:
        return None
    try:
        seal, _, body = (folder / "proofs" / f"{name}.json").read_bytes().partition(b"\n")
        if seal != _seal(name, body):
            return None
        kept = json.loads(body)
        return Outcome((), kept["fired"], kept["reset"], tuple(kept["told"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(name: str, outcome: Outcome) -> None:
    """Keep what passed; what failed is judged again each time."""
    folder = cache_folder()
    if folder is None or outcome.wrong:
        return
    with suppress(OSError):
        place = folder / "proofs" / f"{name}.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_name(f"{place.name}.{secrets.token_hex(8)}")
        body = json.dumps({"fired": outcome.fired, "reset": outcome.reset, "told": outcome.told}).encode()
        temporary.write_bytes(_seal(name, body) + b"\n" + body)
        temporary.replace(place)


def _seal(name: str, body: bytes) -> bytes:
    """What tells that a file holds what was kept, and under which key."""
    return digest(name.encode() + body).encode()
