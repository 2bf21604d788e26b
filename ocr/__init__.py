"""Reads pictures of certificates; knows no law, no registry, no language."""
