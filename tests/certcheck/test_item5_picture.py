"""What would break: a file that an editor saved goes untold, or a phone's is told of."""

import dataclasses as dc
import doctest

import pytest

from certcheck.case import Case
from certcheck.finding import Status
from certcheck.rules import item5_picture
from ocr.reading import ALTERED, RESAVED, SOFTWARE, THUMBNAIL, Sign
from tests.certcheck.scene import BOX, HONEST, case, found, item

EDITED = "item5.edited_with"


def signed(*signs: Sign) -> Case:
    """An honest paper whose picture bears signs."""
    given = case(HONEST)
    return dc.replace(given, reading=dc.replace(given.reading, signs=signs))


def saved_with(*names: str) -> Case:
    """An honest paper whose file names programs."""
    return signed(*(Sign(SOFTWARE, name) for name in names))


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


@pytest.mark.parametrize(
    ("sign", "rule", "message"),
    [
        (Sign(ALTERED, "traces", BOX, "density"), "item5.picture_altered", ".traces"),
        (Sign(ALTERED, "copied", BOX, "density"), "item5.picture_altered", ".copied"),
        (Sign(ALTERED, "shifted", BOX, "density"), "item5.picture_altered", ".shifted"),
        (Sign(ALTERED, "look", BOX, "density"), "item5.picture_altered", ".look"),
        (Sign(THUMBNAIL, ""), "item5.thumbnail_differs", ""),
        (Sign(THUMBNAIL, "", BOX), "item5.thumbnail_differs", ".place"),
        (Sign(RESAVED, "HUAWEI P60"), "item5.saved_anew", ""),
    ],
)
def test_a_sign_is_advice_with_its_place_and_changes_no_verdict(
    sign: Sign, rule: str, message: str
) -> None:
    """Told once, marked where it is, filled in both languages; the item answers as before."""
    given = signed(sign)
    (told,) = found(rule, given)
    assert (told.status, told.message) == (Status.ADVICE, rule + message)
    assert [one.box for one in told.evidence] == ([sign.box] if sign.box else [])
    assert item(5, given).status is item(5, case(HONEST)).status
    assert found(rule, case(HONEST)) == []


def test_the_sentence_names_the_value_and_the_evidence_shows_it() -> None:
    (told,) = found("item5.picture_altered", signed(Sign(ALTERED, "traces", BOX, "density")))
    assert told.params == {"fields": "density"}
    assert [(one.field, one.read) for one in told.evidence] == [("density", "3.33")]


def test_a_camera_is_named_once() -> None:
    given = signed(Sign(RESAVED, "HUAWEI P60"), Sign(RESAVED, "HUAWEI P60"))
    assert len(found("item5.saved_anew", given)) == 1


def test_examples_hold() -> None:
    result = doctest.testmod(item5_picture)
    assert result.attempted > 0 and result.failed == 0
