"""The ink of signatures: found beside its label, told from print, compared with specimens."""
