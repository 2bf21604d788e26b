"""What kind of browser somebody uses, in our own words: enough to know one's own devices by.

What browsers send tells far more, by which one person's is known from all others'; nothing of it
is kept. Whoever sends it can write what he likes: it decides nothing.
"""

from __future__ import annotations

LONGEST = 40
# The first that is found counts: most browsers also name those that they want to be taken for.
_BROWSERS = (
    ("MicroMessenger", "微信 WeChat"), ("DingTalk", "钉钉 DingTalk"), ("QQBrowser", "QQ Browser"),
    ("UCBrowser", "UC Browser"), ("HuaweiBrowser", "Huawei Browser"),
    ("MiuiBrowser", "Mi Browser"), ("SamsungBrowser", "Samsung Internet"), ("Edg", "Edge"),
    ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("OpenHarmony", "HarmonyOS"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android"),
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)  # fmt: skip


def kind(sent: str) -> str:
    """A browser and its system, such as `Firefox · Android`; "" where neither is known.

    Args:
        sent: the header `User-Agent`.
    """
    found = (_first(sent, _BROWSERS), _first(sent, _SYSTEMS))
    return " · ".join(one for one in found if one)


def _first(sent: str, known: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in known if mark in sent), "")
