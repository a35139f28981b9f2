"""The pictures of the docs: chosen ones, with fewer colours, so that they stay small."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

DOCS = Path(__file__).resolve().parents[2] / "docs" / "images" / "dashboards"
LARGEST = 250 * 1024
CHOSEN: dict[str, str] = {
    "ablaze-dark-1440-top": "service-burning",
    "ablaze-light-390-top": "service-phone",
    "ablaze-light-1440-requests": "service-slo",
    "ablaze-dark-1440-container": "service-memory",
    "calm-light-1440-top": "service-healthy",
    "newborn-light-1440-top": "service-new",
    "slo_fleet-dark-1440-top": "fleet",
}
"""Names of pictures as they are taken, and as the docs have them."""


def keep(shots: Path) -> None:
    """Copies the chosen ones that were taken; raises where one stays too large."""
    DOCS.mkdir(parents=True, exist_ok=True)
    for taken, name in CHOSEN.items():
        source = shots / f"{taken}.png"
        if source.is_file():
            _shrunk(source, DOCS / f"{name}.png")


def _shrunk(source: Path, to: Path) -> None:
    with Image.open(source) as image:
        whole = image.convert("RGB")
    for colours in (256, 128, 64, 32):
        whole.quantize(colours, dither=Image.Dither.NONE).save(to, optimize=True)
        if to.stat().st_size <= LARGEST:
            return
    raise RuntimeError(f"{to.name} is larger than {LARGEST // 1024} KiB: choose a smaller part of the page")
