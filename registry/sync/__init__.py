"""Keeping the registry fresh from sources that publish their lists over HTTPS.

`config` says which sources there are and what is allowed, `fetch` brings one document and
trusts nothing that a server says, `staging` keeps the last sound state of a source on disk,
`run` compares it with the registry and applies it when told to, or when the difference is
small enough.
"""
