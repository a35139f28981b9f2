"""What all services share: the Config and AlertPolicy documents, wherever they lie."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from slogen.attachments import attached
from slogen.digests import digest
from slogen.source import read_file
from slogen.spec.load import Spec, Specs, load_specs
from slogen.spec.service import ServiceDocument
from slogen.verdict import FORMER, Names

_MAY_SHARE = re.compile(rb"AlertPolicy|Config|\\[xuU\r\n]")
"""A file without this has no document of these kinds: YAML spells a name otherwise only by such an escape."""


def read_shared(files: Iterable[str]) -> tuple[Specs, dict[str, str]]:
    """The documents that are no services, and the digests of files that hold one or that these name.

    What is wrong with them is told later.
    """
    shared, found = Specs(), dict[str, str]()
    for file in files:
        if not may_share(Path(file)):
            continue
        source = read_file(Path(file), Path())
        specs, _ = load_specs(source.documents)
        shared.policies.extend(specs.policies)
        shared.configs.extend(specs.configs)
        if source.content is not None and is_shared(specs):
            found[file] = digest(source.content)
            read = attached(specs)
            shared.texts.update(read.texts)
            found.update(read.digests)
    return shared, found


def may_share(path: Path) -> bool:
    """Whether a look at its documents is needed to tell what kinds they are of."""
    try:
        return not path.is_file() or _MAY_SHARE.search(path.read_bytes()) is not None
    except OSError:
        return True


def is_shared(specs: Specs) -> bool:
    """Whether there is anything but services."""
    return bool(specs.policies or specs.configs)


def names_of(services: Iterable[Spec[ServiceDocument]]) -> Names:
    """Where each service gets its name, and those that it had before."""
    found = []
    for spec in services:
        metadata = spec.model.metadata
        found.append((metadata.name, spec.document.place(("metadata", "name"))))
        found += [(FORMER + name, spec.document.place(("metadata", "formerly"))) for name in metadata.formerly]
    return tuple(found)
