"""Sample photos, the demo registry, and the generator that makes both."""
