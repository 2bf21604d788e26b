"""Makes certificate pictures with the truth beside them, from the demo registry.

`make(7, level="normal", fault="expired")` gives a Sample: `image`, the BGR picture, and
`truth`, what is printed where and what a check must say.
"""

from samples.generator.sample import Sample, make

__all__ = ["Sample", "make"]
