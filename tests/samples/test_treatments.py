"""What befalls a photograph can be seen in it, and the truth says where everything went."""

import collections
import contextlib
import dataclasses as dc

import cv2
import numpy as np
import pytest

from samples.generator import camera, fonts, lens, make, pose, scene, treatments
from samples.generator.layouts import ALL, BENCHMARK_LAYOUTS, LAYOUTS

SMALL = 900  # px, long side: these tests look at shapes, not at print
TESTED = {**treatments.POSES, **treatments.COVERS, **treatments.LENS}


@contextlib.contextmanager
def smaller():
    with pytest.MonkeyPatch.context() as patch:
        for level in ("normal", "hard"):
            strength = dc.replace(camera.STRENGTHS[level], long_side=SMALL)
            patch.setitem(camera.STRENGTHS, level, strength)
        yield


@pytest.fixture
def small():
    with smaller():
        yield


def drawn(treatment):
    return make(31, level="normal", layout="card", treatment=treatment)


@pytest.fixture(scope="module")
def plain():
    with smaller():
        return drawn("plain")


@pytest.mark.parametrize("name", TESTED)
def test_each_treatment_changes_the_photo_and_nothing_else(small, plain, name):
    treated = drawn(name)
    assert treated.truth["treatments"] == [name]
    same = plain.image.shape == treated.image.shape
    assert not same or np.abs(plain.image.astype(int) - treated.image).mean() > 1
    both = {**treated.truth["fields"], **treated.truth["hidden"]}
    assert both == plain.truth["fields"]
    assert treated.truth["expected"] == plain.truth["expected"]


def test_every_part_of_a_hard_photo_stays_in_it(small):
    for seed in range(40, 48):
        truth = make(seed, level="hard").truth
        for one in [truth, *truth["others"]]:
            points = np.array([point for quad in one["boxes"].values() for point in quad])
            assert (points >= 0).all(), seed
            assert (points <= one["size"]).all(), seed


def test_the_way_into_a_folded_photo_bends_at_the_crease():
    page = np.full((400, 600, 3), 250, np.uint8)
    cv2.circle(page, (80, 60), 6, (0, 0, 0), -1)
    cv2.circle(page, (540, 330), 6, (0, 0, 0), -1)
    subject = scene.Subject(page, 20, [])
    photo = scene.shoot([subject], "mild", ("fold",), np.random.default_rng(3))
    assert len(photo.laid[0].panels) == 2
    for spot in ((80, 60), (540, 330)):
        x, y = photo.laid[0].map_points(np.array([spot], float))[0]
        at = photo.image[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3]
        assert at.max() < 90


def test_a_leaning_sheet_is_narrower_where_it_is_far():
    upright = pose.Pose(turn=0, lean=0, towards=90, distance=1.2)
    leaning = dc.replace(upright, lean=25)
    for posed, least, most in ((upright, 0.999, 1.001), (leaning, 1.15, 1.6)):
        corners = pose.project((600, 400), posed)[0]
        widths = [np.hypot(*(corners[1] - corners[0])), np.hypot(*(corners[2] - corners[3]))]
        assert least <= max(widths) / min(widths) <= most


def test_what_fingers_cover_is_hidden_and_not_asked_for(small):
    gone = []
    for seed in range(60, 65):
        truth = make(seed, level="normal", layout="card", treatment="hand").truth
        gone += truth["hidden"]
        assert not set(truth["hidden"]) & set(truth["fields"])
        assert set(truth["hidden"]) | set(truth["fields"]) == set(truth["boxes"])
    assert gone


def test_a_reflection_takes_a_field(small):
    truths = [make(seed, level="normal", treatment="glare").truth for seed in range(70, 73)]
    assert sum(bool(truth["hidden"]) for truth in truths) >= 2


def test_a_pair_has_the_truth_of_both_in_reading_order(small):
    truth = make(33, level="hard", treatment="pair").truth
    (other,) = truth["others"]
    assert (truth["part"], other["part"]) == (1, 2)
    assert truth["fields"]["certificate_no"] != other["fields"]["certificate_no"]
    first, second = (np.array(one["page"]).mean(axis=0) for one in (truth, other))
    wide = truth["size"][0] > truth["size"][1]
    assert (second - first)[0 if wide else 1] > 0.3 * max(truth["size"])


def test_print_from_far_away_is_about_twelve_pixels_high():
    truth = make(35, level="hard", layout="a5", treatment="far").truth
    flat = make(35, layout="a5").truth
    heights = [
        np.hypot(*np.subtract(one["boxes"]["lab_name"][3], one["boxes"]["lab_name"][0]))
        for one in (truth, flat)
    ]
    assert 0.3 < heights[0] / heights[1] < 0.52


def test_a_screen_puts_a_fine_regular_pattern_on_blank_paper():
    page = np.full((900, 1200, 3), 240, np.uint8)
    peaks = []
    for names in ((), ("moire",)):
        photo = scene.shoot(
            [scene.Subject(page, 20, [])], "mild", names, np.random.default_rng(5)
        ).image
        middle = photo[400:656, 600:856].mean(axis=2)
        spectrum = np.abs(np.fft.fft2(middle - middle.mean()))
        peaks.append(float(spectrum.max() / np.median(spectrum)))
    assert peaks[1] > 4 * peaks[0]


def test_kernels_keep_the_light_and_have_their_size():
    for kernel in (lens.stroke(9, 30), lens.disc(3)):
        assert kernel.sum() == pytest.approx(1, abs=1e-5)
    row = lens.stroke(9, 0).sum(axis=0)
    assert 8 <= (row > 0.01).sum() <= 11


def test_every_named_treatment_comes_up_at_level_hard():
    rng = np.random.default_rng(1)
    seen = collections.Counter(name for _ in range(600) for name in treatments.by_lot(rng))
    wanted = set(TESTED) - {"tilt", "spin"}  # the pose of every hard photo
    assert set(seen) == wanted
    assert min(seen.values()) > 20


def test_what_benchmarks_use_never_comes_by_lot():
    assert not set(BENCHMARK_LAYOUTS) & set(LAYOUTS)
    assert not set(fonts.BENCHMARK_FACES) & set(fonts.BODY_FACES)
    assert set(ALL) == set(LAYOUTS) | set(BENCHMARK_LAYOUTS)
    assert not set(treatments.BENCHMARK) & set(TESTED)


@pytest.mark.parametrize("wrong", ["comet", "fold+comet"])
def test_an_unknown_treatment_is_refused(wrong):
    with pytest.raises(ValueError, match="comet"):
        make(1, level="normal", treatment=wrong)


def test_a_flat_scan_takes_no_treatment():
    with pytest.raises(ValueError, match="flat"):
        make(1, treatment="glare")
