"""What inspectors checked, as rows that can be searched and counted.

A check's report is one text; here stands what is asked of many of them: one row a certificate,
and the words by which certificates, laboratories, signatories, stalls and cases are found.
"""
