"""The registry desk: imports, edits and undos that are shown before they are carried out.

Whoever keeps the registry asks for one on a page (`asking`); what it would change is worked out
in a process of its own (`clerk`, `doing`), written down row by row, and carried out exactly as it
was shown, or shown anew. What the doctor finds is kept as a list of work (`findings`).
"""
