"""Alertmanager: inhibit rules, by which an alert is muted while another one says the same and more.

They follow from the alert policies alone and match alerts by their labels, so one file serves all services and stays
as it is when specs come and go. Alertmanager cannot include files: the rules are merged into its configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from slogen import naming
from slogen.output import header
from slogen.policies import policy_plugins
from slogen.promql.templating import environment
from slogen.resource_policies import resource_policy_plugins
from slogen.rules import Artefact, Plan


def artefacts(_plan: Plan) -> Iterator[Artefact]:
    """The rules for every policy's `MUTES`, each once, whatever is planned.

    To Alertmanager a label that is missing equals an empty one: alerts without groups or objectives match too.
    """
    template = environment(str(Path(__file__).parent)).get_template("alertmanager.inhibit-rules.yml.j2")
    mutes, others = (
        list(dict.fromkeys(mute for plugin in plugins.values() for mute in plugin.mutes))
        for plugins in (policy_plugins(), resource_policy_plugins())
    )
    text = template.render(header=header(""), mutes=mutes, resource_mutes=others, names=naming)
    yield Artefact(naming.INHIBIT_RULES, text, "")
