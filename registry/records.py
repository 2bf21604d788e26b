"""What the registry answers with: plain data, usable without a database."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Mapping

from registry.listed import Lists
from registry.models import (
    Accreditation,
    Domain,
    Fee,
    Lab,
    Membership,
    ScopeRow,
    SealText,
    Signatory,
)


@dc.dataclass(frozen=True)
class LabRecord:
    """All that the registry says of one laboratory, each list by date.

    Needs no database: rules and tests build it by hand.

    Attributes:
        lists: the tables that are known from lists of a day and not as history.
    """

    lab: Lab
    accreditations: tuple[Accreditation, ...] = ()
    scopes: tuple[ScopeRow, ...] = ()
    signatories: tuple[Signatory, ...] = ()
    seals: tuple[SealText, ...] = ()
    domains: tuple[Domain, ...] = ()
    memberships: tuple[Membership, ...] = ()
    fees: tuple[Fee, ...] = ()
    lists: Mapping[str, Lists] = dc.field(default_factory=dict, hash=False)

    @property
    def lab_id(self) -> str:
        """The laboratory's id."""
        return self.lab.lab_id

    def on(self, day: dt.date) -> LabRecord:
        """The record without seals, sites and fees that lists had dropped by a day.

        Rows with dates of their own stay: that they do not hold is said by those.
        """
        undated = (*self.seals, *self.domains, *self.fees)
        if all(row.dropped_on is None or day < row.dropped_on for row in undated):
            return self
        return dc.replace(
            self,
            seals=tuple(row for row in self.seals if row.holds_on(day)),
            domains=tuple(row for row in self.domains if row.holds_on(day)),
            fees=tuple(row for row in self.fees if row.holds_on(day)),
        )

    @property
    def name(self) -> str:
        """The laboratory's registered name."""
        return self.lab.name

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every name it goes by: name, aliases, holders of its certificates, seals."""
        holders = [row.holder_name for row in self.accreditations]
        seals = [row.text for row in self.seals]
        every = (self.lab.name, *self.lab.alias_names, *holders, *seals)
        return tuple(dict.fromkeys(name for name in every if name))


@dc.dataclass(frozen=True, slots=True)
class Contacts:
    """How a laboratory is reached by what is registered of it, as of now.

    Attributes:
        sites: registrable domains of its own query site.
        phones: telephone numbers of the body.
        addresses: of its sites, as accredited now; else of its licence.
    """

    sites: tuple[str, ...]
    phones: tuple[str, ...]
    addresses: tuple[str, ...]


@dc.dataclass(frozen=True, slots=True)
class Named:
    """A laboratory by its names alone.

    Attributes:
        lab_id: its id.
        name: as registered.
        spellings: every name it goes by: name, aliases, holders of its certificates, seals.
    """

    lab_id: str
    name: str
    spellings: tuple[str, ...]


@dc.dataclass(frozen=True)
class LabEvidence:
    """What was read that may tell the laboratory; None or empty where it was not read.

    Attributes:
        cma_no: as printed.
        cnas_no: as printed.
        lab_name: as printed.
        seal_names: the rings of the seals.
        hosts: host names or addresses from the QR codes and the printed web address.
        address: as printed.
        phone: as printed.
    """

    cma_no: str | None = None
    cnas_no: str | None = None
    lab_name: str | None = None
    seal_names: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    address: str | None = None
    phone: str | None = None


@dc.dataclass(frozen=True, slots=True)
class Reason:
    """What one piece of evidence says for a laboratory.

    Attributes:
        evidence: one of the words of `Candidate.matched_by`.
        read: as read, normalised.
        registered: the laboratory's own that is nearest, normalised.
        bits: how much likelier the reading is on this laboratory's paper than by chance, in
            powers of two; below 0 it speaks against it.
    """

    evidence: str
    read: str
    registered: str
    bits: float


@dc.dataclass(frozen=True)
class Candidate:
    """A laboratory that the evidence may mean.

    Attributes:
        record: the laboratory.
        matched_by: the evidence that is this laboratory's own, of `cma_no cnas_no lab_name
            seal domain address phone`, in that order.
        confidence: that the paper is this laboratory's, 0..1 (`registry.likelihood`).
        conflicts: the evidence that speaks for another body, same words.
        near: the evidence that nearly agrees and may be a misreading or an imitation;
            only the picture can say. A near printed name is also a conflict.
        reasons: what the confidence is made of.
        share: that of all registered laboratories it is this one, whoever made the paper: a
            look-alike's paper has a high share and a low confidence.
    """

    record: LabRecord
    matched_by: tuple[str, ...]
    confidence: float
    conflicts: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    share: float = 0.0


@dc.dataclass(frozen=True)
class Revision:
    """Which content the registry holds.

    Attributes:
        revision: SHA-256 of the whole content.
        imported_at: UTC, of the import that made it.
        demo: whether invented laboratories are among it.
    """

    revision: str
    imported_at: dt.datetime
    demo: bool
