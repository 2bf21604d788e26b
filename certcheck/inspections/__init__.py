"""Inspections planned as batches (抽查批次): what is to be looked at, by whom, how far it is."""
