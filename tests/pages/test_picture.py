"""A figure's file: palette, double resolution, the same bytes each time, its colours kept."""

import io

import numpy as np
import pytest
from matplotlib import pyplot as plt
from PIL import Image

from cxresearch.pages.picture import png

BAR = (214, 94, 0)


@pytest.fixture
def figure():
    """A bar of one colour below a curve through many colours, with text."""
    figure, (bar, curve) = plt.subplots(2, figsize=(5, 4))
    bar.barh(["password reset"], [3], color=np.array(BAR) / 255)
    curve.scatter(np.arange(200), np.sin(np.arange(200)), c=np.arange(200), cmap="viridis")
    yield figure
    plt.close(figure)


@pytest.fixture
def picture(figure):
    return Image.open(io.BytesIO(png(figure)))


def test_a_picture_has_more_pixels_than_it_is_shown_at(figure, picture):
    width, height = figure.get_size_inches() * figure.dpi
    assert picture.size == (int(1.7 * width), int(1.7 * height))


def test_a_picture_has_a_palette_of_sixty_four_colours_and_tells_nothing_else(picture):
    assert picture.mode == "P"
    assert len(picture.getcolors()) == 64
    assert picture.info.keys() <= {"dpi"}


def test_the_same_figure_gives_the_same_bytes(figure):
    assert png(figure) == png(figure)


def test_paper_stays_white_and_a_bar_keeps_its_colour(picture):
    counted = sorted(picture.convert("RGB").getcolors(), reverse=True)
    assert counted[0][1] == (255, 255, 255)
    assert np.abs(np.array(counted[1][1]) - BAR).max() <= 3


def test_no_point_of_a_picture_is_far_from_the_figure(figure, picture):
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=1.7 * figure.dpi)
    before = np.asarray(Image.open(drawn).convert("RGB")).astype(int)
    off = np.abs(np.asarray(picture.convert("RGB")) - before)
    assert off.max() <= 40
    assert off.mean() < 0.5


def test_a_picture_takes_less_than_half_of_true_colour(figure):
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=1.7 * figure.dpi, pil_kwargs={"optimize": True})
    assert len(png(figure)) < len(drawn.getvalue()) / 2
