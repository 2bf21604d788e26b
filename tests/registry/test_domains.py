"""The part of a host that somebody registered."""

from __future__ import annotations

import pytest

from registry.domains import registrable


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://www.ngtc.com.cn/zscx/index.html", "ngtc.com.cn"),
        ("http://jpg.gtc-china.cn:8081/PIC/PZ/2023/03/1.jpg", "gtc-china.cn"),
        ("pkugac.com", "pkugac.com"),
        ("PUKGAC.COM", "pukgac.com"),
        ("verify.shili-yuan.example/q?no=1", "shili-yuan.example"),
        ("WWW．ＥＸＡＭＰＬＥ．com", "example.com"),
        ("http://ngtc.com.cn.evil.top/x", "evil.top"),
        ("http://ngtc.com.cn@evil.top/x", "evil.top"),
        ("http://a.myshop.github.io", "myshop.github.io"),
        ("https://示例.com/", "xn--fsq092h.com"),
        ("//ngtc.com.cn./", "ngtc.com.cn"),
        ("http://192.168.1.1:8080/x", None),
        ("http://[2001:db8::1]:80/", None),
        ("http://3232235777/", None),
        ("http://0x7f.0x1/", None),
        ("http://0xc0a80101/", None),
        ("http://0177.0.0.01/", None),
        ("http://3232235777.cn/", "3232235777.cn"),
        ("com.cn", None),
        ("localhost:8000", None),
        ("不是网址", None),
        ("https://[bad", None),
        ("a b.com", None),
        ("", None),
    ],
)
def test_registrable(address: str, expected: str | None) -> None:
    """A look-alike would pass for the laboratory's own site, or its own for a stranger's."""
    assert registrable(address) == expected
