"""What goes out of this machine: to addresses that were looked at, and nowhere else.

Webhooks (`certcheck.stock`) and the look-up of laboratories' own records
(`certcheck.record`) go through here. Sources of the registry do not: their hosts are listed by
whoever runs the server, and may be his own.
"""
