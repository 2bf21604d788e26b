"""Pictures repeat by seed, and the truth beside them is what the contract asks for."""

import dataclasses as dc
import datetime as dt
import json
import unicodedata

import cv2
import numpy as np
import pytest
import zxingcpp

from ocr.reading import FIELD_KEYS
from samples.generator import camera, demo, draft, faults, fonts, make, sample
from samples.generator.layouts import LAYOUTS

ALWAYS = {
    "certificate_no",
    "lab_name",
    "cma_no",
    "conclusion",
    "mass",
    "standards",
    "inspector",
    "checker",
    "approver",
    "issue_date",
    "address",
    "security_code",
}


@pytest.fixture(scope="module", params=LAYOUTS)
def flat(request):
    return make(11, layout=request.param, lab_id="yuan")


def test_the_same_seed_makes_the_same_photo():
    first, second = (make(5, level="hard", fault="suspended") for _ in range(2))
    assert np.array_equal(first.image, second.image)
    assert first.truth == second.truth


def test_another_seed_makes_another_certificate():
    numbers = {make(seed, layout="table").truth["fields"]["certificate_no"] for seed in (1, 2, 3)}
    assert len(numbers) == 3


def test_every_layout_prints_what_a_check_needs(flat):
    assert set(flat.truth["fields"]) >= ALWAYS
    assert set(flat.truth["fields"]) == set(flat.truth["boxes"]) <= set(FIELD_KEYS)


def test_values_are_normalised_as_the_contract_says(flat):
    fields = flat.truth["fields"]
    dt.date.fromisoformat(fields["issue_date"])
    float(fields["mass"])
    assert isinstance(fields["standards"], list)
    for value in fields.values():
        for text in value if isinstance(value, list) else [value]:
            assert text == unicodedata.normalize("NFKC", text).strip() != ""


def test_truth_is_json(flat):
    assert json.loads(json.dumps(flat.truth)) == flat.truth


def test_codes_read_back_as_the_truth_has_them(flat):
    read = {(str(code.format), code.text) for code in zxingcpp.read_barcodes(flat.image)}
    wanted = {
        (
            code["symbology"].replace("QRCode", "QR Code").replace("Code128", "Code 128"),
            code["text"],
        )
        for code in flat.truth["codes"]
    }
    assert wanted <= read or {text for _, text in wanted} <= {text for _, text in read}
    assert any(code["symbology"] == "QRCode" for code in flat.truth["codes"])


def test_boxes_lie_on_the_page_and_hold_ink(flat):
    page = np.array(flat.truth["page"])
    for key, quad in flat.truth["boxes"].items():
        corners = np.array(quad)
        assert (corners >= page.min(axis=0)).all() and (corners <= page.max(axis=0)).all(), key
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        crop = flat.image[int(top) : int(bottom) + 1, int(left) : int(right) + 1]
        assert crop.min() < 110, key


def test_no_two_texts_overlap():
    for seed, (layout, draw) in enumerate(LAYOUTS.items()):
        for name in ("metal_out_of_scope", "standard_out_of_scope"):
            rng = np.random.default_rng(seed)
            cert = faults.carry_out(faults.plan(name), None, rng)
            sheet = draw(cert, fonts.body_faces()[seed % len(fonts.body_faces())], rng)
            boxes = np.array([box for text, box in sheet.written if text.strip()])
            low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
            high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
            both = ((high - low) > 1).all(axis=2)
            np.fill_diagonal(both, val=False)
            clash = [(sheet.written[a][0], sheet.written[b][0]) for a, b in np.argwhere(both)]
            assert not clash, (layout, name, clash)


@pytest.mark.parametrize("level", ["mild", "normal", "hard"])
def test_boxes_follow_the_paper_into_the_photo(level):
    plain = "plain" if level == "hard" else None
    flat, photo = make(21, layout="a5"), make(21, layout="a5", level=level, treatment=plain)
    move = cv2.getPerspectiveTransform(
        np.array(flat.truth["page"], np.float32), np.array(photo.truth["page"], np.float32)
    )
    for key, quad in flat.truth["boxes"].items():
        moved = camera.map_points(np.asarray(move, np.float64), np.array(quad))
        assert np.abs(moved - np.array(photo.truth["boxes"][key])).max() < 0.5, key
    height, width = photo.image.shape[:2]
    assert (np.array(photo.truth["page"]) >= 0).all()
    assert (np.array(photo.truth["page"]) <= (width, height)).all()
    assert max(width, height) <= 2200


def test_photographs_lie_at_every_turn(monkeypatch):
    small = dc.replace(camera.STRENGTHS["normal"], long_side=200)
    monkeypatch.setitem(camera.STRENGTHS, "normal", small)
    rng = np.random.default_rng(0)
    page = np.full((150, 100, 3), 250, np.uint8)
    quarters = {round(camera.shoot(page, "normal", rng).rotation / 90) % 4 for _ in range(60)}
    assert quarters == {0, 1, 2, 3}


def test_a_seal_that_is_not_stamped_is_not_in_the_truth():
    assert make(2, fault="seal_absent").truth["seals"] == []
    seal = make(2, fault="oval_seal").truth["seals"][0]
    assert (seal["shape"], seal["name"]) == ("oval", demo.labs()["tuo"].name)


def test_a_dropped_field_is_not_printed():
    assert "cma_no" not in make(2, fault="number_absent").truth["fields"]


def test_truth_names_fault_and_case():
    fault, case, plain = (make(1, fault=name).truth for name in ("expired", "mounted", None))
    assert (fault["fault"], fault["item"], fault["honest"]) == ("expired", 1, False)
    assert (case["fault"], case["case"], case["honest"]) == (None, "mounted", True)
    assert (plain["fault"], plain["case"], plain["item"]) == (None, None, None)


@pytest.mark.parametrize(
    "wrong", [{"level": "awful"}, {"layout": "scroll"}, {"font": "comic"}, {"fault": "none"}]
)
def test_unknown_wishes_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong.values()))):
        make(1, **wrong)


def test_at_least_six_faces_and_five_layouts():
    assert len(fonts.body_faces()) >= 6
    assert len(LAYOUTS) >= 5


def test_without_fonts_the_error_names_the_packages(monkeypatch):
    monkeypatch.setattr(fonts.subprocess, "run", _no_fontconfig)
    with pytest.raises(fonts.FontsMissingError, match="fonts-noto-cjk"):
        fonts.installed.__wrapped__()


def _no_fontconfig(*_args, **_options):
    raise FileNotFoundError("fc-list")


@pytest.mark.parametrize("face", fonts.BODY_FACES + fonts.HAND_FACES)
def test_no_face_prints_an_empty_box(face):
    if face not in fonts.installed():
        pytest.skip(f"{face} is not installed")
    words = [char for char in _all_words() if not char.isspace() and char != "³"]
    assert not [char for char in words if not fonts.covers(face, char)]
    assert not fonts.covers(face, "\U000f0000")


def _all_words():
    """Every character that a certificate may set in its body or by hand."""
    texts = [row[column] for row in draft.stones().values() for column in row]
    texts += [row[column] for row in draft.articles().values() for column in row]
    texts += [value for row in demo.read_table("accreditations") for value in row.values()]
    texts += [row["name"] for row in demo.read_table("signatories")]
    texts += [row["licence_address"] for row in demo.read_table("labs")]
    texts += [json.dumps(demo.read_toml("labels"), ensure_ascii=False)]
    for name in faults.names():
        for seed in range(3):
            cert = faults.carry_out(faults.plan(name), None, np.random.default_rng(seed))
            texts += [value.printed for value in cert.values.values()]
    return sorted(set("".join(texts)))


def test_png_and_jpeg_are_written():
    image = np.zeros((8, 8, 3), np.uint8)
    assert sample.encode(image, ".png").startswith(b"\x89PNG")
    assert sample.encode(image, ".jpg").startswith(b"\xff\xd8")
