"""A figure as the bytes of a PNG file: small, and the same wherever it is drawn again."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCALE = 1.7  # pixels of the file for one that is shown: sharp, and a page stays under 400 kB
COLOURS = 64


def png(figure: Figure) -> bytes:
    """The figure at nearly double resolution in at most 64 colours, without date or software.

    A quarter of the bytes that true colour takes. The colours are the figure's own (maximum
    coverage, then two rounds of k-means, from Pillow). Nothing is dithered, so flat areas stay flat
    and white stays white; a ramp of colours becomes steps.
    """
    drawn, packed = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="rgba", dpi=SCALE * figure.dpi)
    width = int(SCALE * figure.dpi * figure.get_figwidth())
    size = width, len(drawn.getbuffer()) // (4 * width)
    few = Image.frombytes("RGBA", size, drawn.getbuffer()).convert("RGB").quantize(
        COLOURS, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE
    )  # fmt: skip
    few.save(packed, format="PNG", optimize=True)
    return packed.getvalue()
