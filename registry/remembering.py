"""A registry that is asked each question once: for the judgement of one paper.

A dozen rules ask who holds the number that is printed, and all of them mean one moment.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from registry.lookup import Registry
from registry.models import Accreditation, Signatory
from registry.records import LabRecord, Named, Revision

_T = TypeVar("_T")


class RememberingRegistry(Registry):
    """Answers as another does and keeps what its rules ask for. A failure is not kept.

    Args:
        registry: the other.
    """

    def __init__(self, registry: Registry) -> None:
        # What is not kept here, its tables and database too, is the other's (`__getattr__`).
        self._registry = registry
        self._told: dict[tuple[object, ...], object] = {}

    def __getattr__(self, name: str) -> object:
        return getattr(self._registry, name)

    def _once(self, question: tuple[object, ...], answer: Callable[[], _T]) -> _T:
        if question not in self._told:
            self._told[question] = answer()
        return cast("_T", self._told[question])

    @property
    def revision(self) -> Revision:
        """See `Registry.revision`."""
        return self._once(("revision",), lambda: self._registry.revision)

    def lab(self, lab_id: str) -> LabRecord | None:
        """See `Registry.lab`."""
        return self._once(("lab", lab_id), lambda: self._registry.lab(lab_id))

    def sites(self) -> Mapping[str, str]:
        """See `Registry.sites`."""
        return self._once(("sites",), self._registry.sites)

    def holders(self, number: str) -> list[Accreditation]:
        """See `Registry.holders`."""
        return self._once(("holders", number), lambda: self._registry.holders(number)).copy()

    def covers(self, authority_code: str, kind: str, day: dt.date) -> bool:
        """See `Registry.covers`."""
        return self._once(
            ("covers", authority_code, kind, day),
            lambda: self._registry.covers(authority_code, kind, day),
        )

    def similar_names(self, name: str, limit: int = 8) -> list[Named]:
        """See `Registry.similar_names`."""
        return self._once(
            ("similar_names", name, limit), lambda: self._registry.similar_names(name, limit)
        ).copy()

    def signatory_labs(self, name: str) -> list[Signatory]:
        """See `Registry.signatory_labs`."""
        return self._once(
            ("signatory_labs", name), lambda: self._registry.signatory_labs(name)
        ).copy()
