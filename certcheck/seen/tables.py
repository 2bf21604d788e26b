"""The tables of the book of what was seen.

No name of a person stands in them: of a signatory only a digest with a key that was made for
this book alone, by which the same name is known again and no name can be looked up without the
book. A photo is named by a digest of its SHA-256.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
)

METADATA = MetaData()
# So that the book may lie beside other tables in one database.
VERSION_TABLE = "seen_schema"
# The newest step under `migrations/versions`; a test holds the two together.
SCHEMA = "0003"

# Rows of one kind that stand once: the key of signatories' digests.
KEYS = Table(
    "seen_keys",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

# One row a certificate of a photo. `fields` is JSON: values that were read surely, by key;
# `places` too: where on the page the hashes of `piece` were taken.
# `again` likewise: some of them as a second engine reads them.
# `accused` has bit n - 1 for an item n that contradicted, bit 15 + n for one that was suspected.
SIGHTINGS = Table(
    "seen_sightings",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("photo", String(32), nullable=False, unique=True),
    Column("lab", String(160), nullable=False),
    Column("number", String(40), nullable=False),
    Column("number_sure", Integer, nullable=False),
    Column("fields", Text, nullable=False),
    Column("issued_on", Date),
    Column("person", String(32)),
    Column("piece", LargeBinary),
    Column("places", Text),
    Column("page", LargeBinary),
    Column("frame", LargeBinary),
    Column("accused", Integer, nullable=False),
    Column("seen_on", Date, nullable=False),
    Column("again", Text),
    Index("seen_by_number", "lab", "number"),
    Index("seen_by_person", "person"),
    Index("seen_by_day", "seen_on"),
)

# Pieces of hashes, see `certcheck.seen.bands`. The key of both columns is the index.
BANDS = Table(
    "seen_bands",
    METADATA,
    Column("band", BigInteger, primary_key=True, autoincrement=False),
    Column("sighting", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# Of each laboratory, certificates with a picture, and those whose picture stood under another
# number of its too.
LABS = Table(
    "seen_labs",
    METADATA,
    Column("lab", String(160), primary_key=True),
    Column("pictured", Integer, nullable=False),
    Column("repeated", Integer, nullable=False),
)

# What somebody observed: a price, or an inspection of a site.
OBSERVATIONS = Table(
    "seen_observations",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("lab", String(160), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("price", Numeric(14, 4)),
    Column("instruments", Integer),
    Column("people", Integer),
    Column("issued", Integer),
    Column("observed_on", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("evidence", String(64), nullable=False),
    Column("told_by", String(80), nullable=False),
    Column("told_on", Date, nullable=False),
    Index("seen_observations_by_lab", "lab", "observed_on"),
)
