"""Overlays of kustomize: which files are patches, and so no manifests."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from slogen.findings import Finding, warning
from slogen.manifests.environment import items, mapping, string
from slogen.source import Document

_NAMES = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902")


def patches(documents: Iterable[Document]) -> tuple[set[str], list[Finding]]:
    """Files that are patches, and for each overlay that its outcome is not what was checked."""
    files: set[str] = set()
    findings = []
    for document in documents:
        data = mapping(document.data)
        is_one = string(data.get("kind")) in {"Kustomization", "Component"}
        if not is_one and posixpath.basename(document.file) not in _NAMES:
            continue
        folder = posixpath.dirname(document.file)
        for key in _PATCHES:
            for patch in items(data.get(key)):
                name = patch if isinstance(patch, str) else string(mapping(patch).get("path"))
                if name and "\n" not in name:
                    files.add(posixpath.normpath(posixpath.join(folder, name)))
        found = next((key for key in _PATCHES if items(data.get(key))), None)
        if found is not None:
            message = "these patches change manifests, and only the manifests as they were are checked here"
            hint = f"check what comes of them: kubectl kustomize {folder or '.'} | slogen check-manifests -"
            findings.append(warning("manifest/not-rendered", document.place((found,), key=True), message, hint))
    return files, findings
