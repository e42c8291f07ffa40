"""Figures as a journal takes them: format, resolution and size."""

from pathlib import Path

import pypdfium2
from PIL import Image

from paper.deposit.journals import FigureFiles, Findings

CM = 2.54
POINTS = 72  # of an inch
NO_PNG = ("png", "CMYK")
# How far a size may be off by rounding, in inches.
TOLERANCE = 0.01


def write_figures(folder: Path, asked: FigureFiles, found: Findings) -> None:
    """Write each figure of a folder once more, as asked, and tell what it became.

    `folder`: holds each figure as PNG or JPEG, and as PDF if it is drawn. A drawing is made in the
    size and resolution asked for, but never as EPS, which would hold a picture of it. A picture
    gets no more pixels, and is told where it has too few.
    """
    pictures = [file for file in folder.iterdir() if file.suffix in {".png", ".jpg"}]
    for picture in sorted(pictures, key=lambda file: (len(file.name), file.name)):
        drawing = picture.with_suffix(".pdf")
        size = _size_of_drawing(drawing) if drawing.is_file() else _size_of_picture(picture)
        factor = _factor(size, asked)
        kept = abs(factor - 1) * size[0] < TOLERANCE
        label, _, number = picture.stem.rpartition("-")
        target = folder / (asked.named.format(number) if label else picture.stem)
        if "pdf" in asked.formats and drawing.is_file() and kept:
            if target.stem != picture.stem:
                target.with_suffix(".pdf").write_bytes(drawing.read_bytes())
            found.add(f"{target.name}.pdf: drawn, {size[0] * CM:.1f} cm wide", is_met=True)
            continue
        # No PNG has the colours of print, and no EPS the transparency of drawings.
        never = {"pdf", "eps"} if drawing.is_file() else {"pdf"}
        kinds = [one for one in asked.formats if one not in never]
        taken = [one for one in kinds if (one, asked.colours) != NO_PNG]
        form = taken[0] if taken else "tiff"
        if drawing.is_file():
            dpi = asked.dpi[0]
            with pypdfium2.PdfDocument(drawing) as document:
                image = document[0].render(scale=factor * dpi / POINTS).to_pil()
        else:
            image = _on_white(picture)
            inches = size[0] * factor
            dpi = min(round(image.width / inches), asked.dpi[1])
            image.thumbnail((round(inches * dpi), image.height))
        file = target.with_suffix({"tiff": ".tif", "jpeg": ".jpg"}.get(form, f".{form}"))
        packed = {"compression": "tiff_lzw"} if form == "tiff" else {}
        image.convert(asked.colours).save(file, form, dpi=(dpi, dpi), **packed)
        width = image.width / dpi * CM
        line = f"{file.name}: {width:.1f} cm wide at {dpi} dpi, at least {asked.dpi[0]} dpi"
        line += "" if taken else f"; asked: {' or '.join(asked.formats)}"
        if not taken and "eps" in asked.formats and drawing.is_file():
            line += f", which cannot show what is drawn as transparent; {drawing.name} is drawn"
        found.add(line, is_met=bool(taken) and dpi >= asked.dpi[0])


def _factor(size: tuple[float, float], asked: FigureFiles) -> float:
    """Return by what a figure is enlarged, so as to be as wide and high as asked."""
    width, height = size
    narrowest, widest = asked.width_cm or (0.0, float("inf"))
    wanted = min(max(width, narrowest / CM), widest / CM)
    return min(wanted / width, (asked.height_cm or float("inf")) / CM / height)


def _size_of_drawing(file: Path) -> tuple[float, float]:
    with pypdfium2.PdfDocument(file) as document:
        width, height = document[0].get_size()
        return width / POINTS, height / POINTS


def _size_of_picture(file: Path) -> tuple[float, float]:
    with Image.open(file) as image:
        across, down = image.info.get("dpi", (96, 96))
        return image.width / across, image.height / down


def _on_white(file: Path) -> Image.Image:
    """Open a picture without transparency, which journals do not take."""
    with Image.open(file) as image:
        whole = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", whole.size, "white"), whole)
