"""Sample photos, the demo registry, and the generator that makes both."""

from pathlib import Path

PHOTOS = Path(__file__).parent / "photos"
