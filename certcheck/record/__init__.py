"""The laboratory's own record of a certificate, looked up at its registered query site.

What was printed is set against what the laboratory says it issued. Only hosts that the registry has
for that laboratory are asked; an outage, a captcha or a page that was changed is never a fault.
"""
