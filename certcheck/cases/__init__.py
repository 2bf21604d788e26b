"""Leads and cases: what somebody has to look into, by when, and what came of it."""
