"""Loading the registry from files: one module a source format, one plan, one transaction.

What a file means:

* Any of the contract's tables may be missing; a table that is there has all its columns.
* A table is the **full list for the laboratories that it names** (coverage.csv: for the
  authorities and kinds that it names). Laboratories it does not name are left alone.
* A row is the same row as one the registry holds where its key columns agree
  (`key_columns` in `registry.models`; the first day is one of them, so that a renewal does
  not overwrite the term before it). Its other columns are then brought up to date.
* A row that is no longer listed is ended on the day before the import where the table is
  dated, and stays as history; rows that had ended before are left as they are. Rows of
  undated tables (seals, domains, fees), rows that would have begun later, and coverage,
  which is a claim about the list itself, are removed.
* A file with a laboratory that is not 示例… is a real registry. Where the database so far
  holds only the demo, the demo goes, its coverage claims with it: they would make honest
  numbers look unregistered.
* Everything or nothing: one problem anywhere, and nothing is changed.
"""
