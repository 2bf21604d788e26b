"""What would break: a file that an editor saved goes untold, or a phone's is told of."""

import dataclasses as dc
import doctest

import pytest

from certcheck.case import Case
from certcheck.finding import Status
from certcheck.rules import item5_picture
from ocr.reading import SOFTWARE, Sign
from tests.certcheck.scene import HONEST, case, found, item

EDITED = "item5.edited_with"


def saved_with(*names: str) -> Case:
    """An honest paper whose file names programs."""
    given = case(HONEST)
    signs = tuple(Sign(SOFTWARE, name) for name in names)
    return dc.replace(given, reading=dc.replace(given.reading, signs=signs))


@pytest.mark.parametrize(
    "name",
    ["Adobe Photoshop CC 2019 (Windows)", "GIMP 2.10.34", "paint.net 5.0", "美图秀秀 10.1", "gimp"],
)
def test_an_editor_is_advice_and_changes_no_verdict(name: str) -> None:
    given = saved_with("HUAWEI P60", name, name)
    told = found(EDITED, given)
    assert [(one.status, dict(one.params)) for one in told] == [(Status.ADVICE, {"software": name})]
    assert item(5, given).status is item(5, case(HONEST)).status


@pytest.mark.parametrize(
    "name",
    ["HUAWEI P60 Camera", "MIUI Gallery", "16.4.1", "WeChat", "Microsoft Word", "EPSON Scan",
     "Canvas 3", "Adobe Acrobat 11", "iText 2.1.7", "WPS 文字"],
)  # fmt: skip
def test_what_everybody_uses_is_no_sign(name: str) -> None:
    assert found(EDITED, saved_with(name)) == []
    assert found(EDITED, saved_with()) == []


def test_examples_hold() -> None:
    result = doctest.testmod(item5_picture)
    assert result.attempted > 0 and result.failed == 0
