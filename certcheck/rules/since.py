"""First days of the regulations, as days of issue the rules count from."""

from __future__ import annotations

import datetime as dt

# 检验检测机构资质认定管理办法, 总局令第163号; amended 2021-06-01 (38号令), duties kept.
MEASURES_163 = dt.date(2015, 8, 1)

# 检验检测机构监督管理办法, 总局令第39号.
MEASURES_39 = dt.date(2021, 6, 1)

# The day before which no register of ours reaches: what is only compared with the registry.
REGISTRY = dt.date(1990, 1, 1)
