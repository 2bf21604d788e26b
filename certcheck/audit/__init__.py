"""Who did what, and when: a log that only grows, each row bound to the one before by its hash.

`write` is for whoever changes something, in the transaction that changes it::

    audit.write(opened, who=audit.person(somebody), what="case.opened", about=("case", case.id))

What is told of a deed to a person stands in `messages/audit.toml`, under `audit.did.` and `what`.
"""

from certcheck.audit.chain import Entry, canonical
from certcheck.audit.deeds import COMMAND, SERVER, VISITOR, Who, of_owner, person
from certcheck.audit.log import about, head, rows, tell, told, write

__all__ = [
    "COMMAND", "SERVER", "VISITOR", "Entry", "Who", "about", "canonical", "head",
    "of_owner", "person", "rows", "tell", "told", "write",
]  # fmt: skip
