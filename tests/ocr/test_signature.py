"""Signatures: the pen's ink found beside its label and under a seal, told from print, compared.

What would break: another thing taken for the signature, print taken for a pen, an honest
signature called another's, a forged one called the same, a soft one judged at all.
"""

import cv2
import numpy as np
import pytest

from ocr.geometry import bounds, box_quad
from ocr.page.model import whole_photo
from ocr.reading import Field
from ocr.signature import find, ink, shape
from ocr.signature.read import SURELY_WRITTEN, find_signatures, same_hand, specimen_shape
from ocr.witness import Answer
from samples.generator import fonts, hand
from samples.generator.seal import draw_seal

LABEL = box_quad(40, 100, 90, 34)
NAMES = ("沈怀瑾", "程远志", "贺兰亭", "陆一凡")


def paper(mask, at=(170, 85), colour=(58, 26, 22), size=(240, 640)):
    """A page with a label's print and ink on it."""
    page = np.full((*size, 3), 246, np.uint8)
    cv2.rectangle(page, (40, 100), (130, 134), (60, 60, 60), 2)
    x, y = at
    tall, wide = mask.shape
    share = mask[..., None] / 255
    place = page[y : y + tall, x : x + wide]
    page[y : y + tall, x : x + wide] = place * (1 - share) + np.array(colour) * share
    return page


def signed(name, seed, writer=None, size=56):
    return hand.write(name, writer or hand.own_hand(name), np.random.default_rng(seed), size)


def printed(name, face, size=48):
    font = fonts.load(face, size)
    left, top, right, bottom = font.getbbox(name)
    from PIL import Image, ImageDraw

    image = Image.new("L", (right - left + 4, bottom - top + 4))
    ImageDraw.Draw(image).text((2 - left, 2 - top), name, font=font, fill=255)
    return np.asarray(image)


def found(page, field=None):
    fields = {} if field is None else {"approver": field}
    return find_signatures(whole_photo(page), {"approver": LABEL}, fields)


def specimen(name):
    data = cv2.imencode(".png", np.asarray(hand.as_picture(hand.specimen(name))))[1]
    return specimen_shape(data.tobytes())


@pytest.mark.parametrize("colour", [(58, 26, 22), (20, 18, 18), (130, 50, 30)])
def test_ink_of_any_pen_is_found_beside_its_label_without_the_line_beneath(colour):
    mask = signed("沈怀瑾", 1)
    page = paper(mask, colour=colour)
    cv2.line(page, (165, 140), (420, 140), (150, 150, 150), 1)
    (one,) = found(page)
    left, top, right, bottom = bounds(one.box)
    assert abs(left - 170) < 9 and abs(right - 170 - mask.shape[1]) < 9
    assert abs(top - 85) < 9 and abs(bottom - 85 - mask.shape[0]) < 9


def test_ink_beneath_its_label_is_found_and_a_bare_place_is_none():
    (one,) = found(paper(signed("程远志", 1), at=(45, 140)))
    assert bounds(one.box)[1] > 130
    assert found(paper(np.zeros((10, 10), np.uint8))) == ()


def test_other_print_is_not_taken_for_the_signature():
    page = paper(signed("程远志", 1))
    cv2.putText(page, "2024-05-06", (400, 130), cv2.FONT_HERSHEY_SIMPLEX, 1, (30, 30, 30), 2)
    date = Field(
        "issue_date",
        "2024-05-06",
        "",
        1.0,
        box_quad(395, 95, 190, 45),
        "x",
        "",
        (box_quad(395, 95, 190, 45),),
    )
    (one,) = find_signatures(whole_photo(page), {"approver": LABEL}, {"issue_date": date})
    assert bounds(one.box)[2] < 390


@pytest.mark.parametrize("name", NAMES)
def test_the_same_hand_agrees_and_an_unskilled_forger_does_not(name):
    known = [specimen(name)]
    own = [found(paper(signed(name, seed)))[0] for seed in range(1, 6)]
    answers = [same_hand(one.shape, known) for one in own]
    assert Answer.DIFFERS not in answers and answers.count(Answer.AGREES) >= 4
    forged = [found(paper(signed(name, seed, hand.hand(seed + 70))))[0] for seed in range(1, 6)]
    answers = [same_hand(one.shape, known) for one in forged]
    assert Answer.AGREES not in answers and answers.count(Answer.DIFFERS) >= 3


def test_another_name_in_the_same_hand_differs():
    own = hand.own_hand("沈怀瑾")
    (one,) = found(paper(signed("程远志", 3, own)))
    assert same_hand(one.shape, [specimen("沈怀瑾")]) is Answer.DIFFERS


def test_a_stamp_of_the_specimen_agrees():
    mask = hand.draw("沈怀瑾", hand.signed("stamp", "沈怀瑾", np.random.default_rng(1)), 56)
    (one,) = found(paper(mask))
    assert same_hand(one.shape, [specimen("沈怀瑾")]) is Answer.AGREES


def test_size_slant_and_pen_are_taken_out():
    mask = signed("程远志", 2, size=80)
    lean = cv2.warpAffine(mask, np.array([[0.6, 0.15, 5.0], [0, 0.6, 0]]), (260, 110))
    thick = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    (one,), (leaning,), (broad,) = (found(paper(m)) for m in (mask, lean, thick))
    assert same_hand(leaning.shape, [one.shape]) is Answer.AGREES
    assert same_hand(broad.shape, [one.shape]) is Answer.AGREES


def test_a_signature_under_a_seal_is_the_same_hands():
    page = paper(signed("沈怀瑾", 4), size=(400, 640))
    stamp = draw_seal(
        "示例玉石珠宝检验研究院有限公司", "检验检测专用章", shape="round", size=300,
        rng=np.random.default_rng(1), colour=(205, 30, 40), star=True, number="",
    )  # fmt: skip
    red = np.asarray(stamp, np.float32)[..., [2, 1, 0, 3]]
    x, y = 150, 20
    tint = 1 - red[..., 3:] / 255 * (1 - red[..., :3] / 255)
    page[y : y + 300, x : x + 300] = page[y : y + 300, x : x + 300] * tint[:300, :300]
    place = box_quad(172, 87, 150, 60)
    field = Field("approver", "沈怀瑾", "沈怀瑾", 0.9, place, "x", "", (place,))
    (one,) = found(page, field)
    assert same_hand(one.shape, [specimen("沈怀瑾")]) is not Answer.DIFFERS


@pytest.mark.parametrize("face", ["kai", "ukai", "song", "sans", "serif"])
def test_a_printed_name_is_never_surely_written(face):
    if face not in fonts.installed():
        pytest.skip(f"{face} is not installed")
    for name in NAMES:
        (one,) = found(paper(printed(name, face)))
        assert one.written < SURELY_WRITTEN


def test_most_written_names_are_surely_written():
    all_ = [found(paper(signed(name, seed)))[0] for name in NAMES for seed in range(5)]
    assert np.mean([one.written >= SURELY_WRITTEN for one in all_]) >= 0.6


def test_soft_ink_is_not_clear():
    page = paper(signed("沈怀瑾", 1))
    assert found(page)[0].clear
    assert not found(cv2.GaussianBlur(page, (0, 0), 4))[0].clear


def test_a_form_keeps_what_counts_and_no_picture():
    one = shape.shape_of(hand.specimen("沈怀瑾") > 100)
    again = shape.unpack(one.pack())
    assert len(one.pack()) <= 3 * shape.MOST_POINTS
    assert np.abs(again.points - one.points).max() < 0.02
    for broken in (b"", b"12", bytes(3 * shape.MOST_POINTS + 3)):
        with pytest.raises(ValueError, match="no packed shape"):
            shape.unpack(broken)


def test_what_is_no_specimen_has_no_form():
    assert specimen_shape(b"") is None
    assert specimen_shape(b"no picture") is None
    blank = cv2.imencode(".png", np.full((60, 200), 255, np.uint8))[1].tobytes()
    assert specimen_shape(blank) is None
    assert same_hand(specimen("沈怀瑾"), []) is Answer.CANNOT_TELL


def test_a_ruled_line_goes_and_strokes_that_cross_it_stay():
    mask = np.zeros((60, 200), bool)
    mask[40:42, :] = True
    mask[10:55, 60:64] = True
    left = ink.without_rules(mask)
    assert left[10:55, 61].mean() > 0.9
    assert left[40:42, 100:].sum() == 0


def test_ink_far_from_the_name_is_left_out():
    mask = np.zeros((20, 300), bool)
    mask[5:15, 10:80] = True
    mask[5:15, 250:260] = True
    kept = find._together(mask, 40)
    assert kept[:, :80].sum() and not kept[:, 250:].sum()


def test_the_papers_edge_and_neighbours_print_are_no_signature():
    page = paper(signed("程远志", 1))
    page[:, 400:] = 30
    page[150:240, 180:330] = 20
    (one,) = found(page)
    left, _, right, bottom = bounds(one.box)
    assert left > 160 and right < 395 and bottom < 152
