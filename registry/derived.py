"""Derived tables: what laboratories are searched by, kept in step by `registry.index`."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class LookupKey(SQLModel, table=True):
    """Derived: one spelling by which a laboratory may be found, normalised.

    Attributes:
        kind: `name`, `alias`, `former`, `holder`, `seal`, `number`, `phone`, `address` (road
            and number), `site` (the whole address), `signatory` or `odd` (`index.ODD_NUMBER`).
        key: the normalised spelling (`registry.names`), what is searched for.
    """

    __tablename__ = "lookup_keys"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    lab_id: str = Field(foreign_key="labs.lab_id", index=True)
    kind: str
    key: str = Field(index=True)


class LookupGram(SQLModel, table=True):
    """Derived: a piece of a laboratory's keys (`registry.grams`), to find what nearly agrees.

    Attributes:
        gram: the piece.
        key_id: number of the laboratory's first key, which stands for the laboratory.
    """

    __tablename__ = "lookup_grams"
    # In the order of the pieces: all of a piece is read at one go.
    __table_args__ = {"sqlite_with_rowid": False}

    gram: str = Field(primary_key=True, max_length=8)
    key_id: int = Field(primary_key=True)
