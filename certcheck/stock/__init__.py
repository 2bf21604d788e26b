"""Many photos at once, as sellers have them: what was sent, how it stands, who is shown it.

`intake` makes items of files, ZIP archives and spreadsheets; `batches` writes them down as
ordinary checks; `outcome` and `order` say how they stand; `excel` gives the table away;
`precheck` is the page that anybody with a code may see; `hooks` tell programs.
"""
