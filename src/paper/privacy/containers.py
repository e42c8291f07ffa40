"""The texts in a file, however it is called, packed or encoded; tables as lines of cells."""

import base64
import bz2
import codecs
import gzip
import html
import io
import lzma
import pickletools
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress

import pypdfium2

MOST_BYTES, DEEPEST = 1 << 26, 5
BINARY = "is binary, and cannot be looked through"
PACKED = {b"\x1f\x8b": gzip, b"BZh": bz2, b"\xfd7zXZ": lzma}
# The marks of UTF-32 first: that of UTF-16 begins one of them.
MARKS = {
    **dict.fromkeys((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE), "utf-32"),
    **dict.fromkeys((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE), "utf-16"),
}
# Pictures and fonts are not looked into: PNG, JPEG, GIF, WebP, icons, WOFF.
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"\0\0\1\0", b"wOF")
CONTROL = bytes({*range(32)} - {*b"\t\n\v\f\r\x1b\x1f"})
# The ends of rows and cells in HTML, and in the XML of workbooks and texts.
ROW_END, CELL_END = (
    re.compile(rf"</(?:\w+:)?(?:{names})>|<(?:\w+:)?(?:{names})\b[^>]*/>")
    for names in ("tr|row|table-row", "t[dhc]|c|table-cell")
)
TAG, WORDS = re.compile(r"<[^>]*>"), re.compile(r"<si>(.*?)</si>", re.DOTALL)
NUMBERED = re.compile(r'(<c\b[^>]*\bt="s"[^>]*>)<v>(\d+)</v>')
# As programs and pages hold files in their text, in lines or not.
BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4}\s?){16,}[A-Za-z0-9+/]{0,3}")
BROKEN = (OSError, EOFError, ValueError, RuntimeError, LookupError, zlib.error, lzma.LZMAError,
          zipfile.BadZipFile, tarfile.TarError, pypdfium2.PdfiumError)  # fmt: skip


class ClosedError(Exception):
    """A file that cannot be looked through; says why."""


def texts_in(content: bytes, depth: int = 0) -> Iterator[str]:
    """Yield the texts of a file and of all that is packed in it, each row of a table on a line.

    Raises ClosedError if it holds what cannot be read, or must not be.
    """
    if len(content) > MOST_BYTES or depth > DEEPEST:
        raise ClosedError("is too large, or packed too deeply, to be looked through")
    try:
        parts = [*_unpacked(content)]
    except BROKEN:
        raise ClosedError("cannot be unpacked") from None
    for part in parts:
        yield from texts_in(part, depth + 1)
    if not parts and not content.startswith(PICTURES):
        # As texts within notebooks and programs have them.
        text = _decoded(content).replace("\\n", "\n").replace("\\t", "\t")
        yield text
        for coded in BASE64.findall(text):
            with suppress(ClosedError, ValueError):
                yield from texts_in(base64.b64decode(f"{coded}=="), depth + 1)
        if ROW_END.search(text):
            cells = CELL_END.sub("\t", ROW_END.sub("\0", text.replace("\n", " ")))
            yield html.unescape(TAG.sub(" ", cells)).replace("\0", "\n")


def _unpacked(content: bytes) -> Iterator[bytes]:
    stream = io.BytesIO(content)
    for mark, packer in PACKED.items():
        if content.startswith(mark):
            yield packer.open(stream).read(MOST_BYTES + 1)
    if content.startswith(b"%PDF-"):
        for page in pypdfium2.PdfDocument(content):
            yield page.get_textpage().get_text_range().encode()
    elif zipfile.is_zipfile(stream):
        archive = zipfile.ZipFile(stream)
        if sum(part.file_size for part in archive.infolist()) > MOST_BYTES:
            raise ClosedError("is too large to be looked through")
        parts = {name: archive.read(name) for name in archive.namelist()}
        words = WORDS.findall(parts.get("xl/sharedStrings.xml", b"").decode())
        for name, part in parts.items():
            is_sheet = name.startswith("xl/worksheets/") and name.endswith(".xml")
            put = NUMBERED.sub(lambda m: m[1] + words[int(m[2])], part.decode()) if is_sheet else ""
            yield put.encode() or part
    elif tarfile.is_tarfile(io.BytesIO(content)):
        members = tarfile.open(fileobj=io.BytesIO(content))  # noqa: SIM115  (of memory)
        yield from (file.read() for one in members if (file := members.extractfile(one)))


def _decoded(content: bytes) -> str:
    """Decode a text in whatever encoding; what is none is not let pass."""
    wide = next((encoding for mark, encoding in MARKS.items() if content.startswith(mark)), "")
    if not wide and (zeros := content.count(0)) > len(content) / 4:
        width = 4 if zeros > len(content) / 2 else 2
        order = "le" if content[::width].count(0) < content[width - 1 :: width].count(0) else "be"
        wide = f"utf-{8 * width}-{order}"
    if wide:
        text = content.decode(wide, errors="replace")
        # Numbers as a computer keeps them have many zeros too.
        odd = sum(not (one.isprintable() or one.isspace()) or one == "\ufffd" for one in text)
        if odd > len(text) / 50:
            raise ClosedError(BINARY)
        return text
    if len(content) - len(content.translate(None, CONTROL)) > len(content) / 50:
        raise ClosedError(BINARY)
    if content.rstrip().endswith(b".") and _is_pickle(content):
        raise ClosedError("is a pickle, which runs what it likes when it is read")
    with suppress(UnicodeDecodeError):
        return content.decode("utf-8-sig")
    return content.decode("latin-1")


def _is_pickle(content: bytes) -> bool:
    with suppress(Exception):  # whatever it says of what is none; nothing of it is run
        return len([*pickletools.genops(content)]) > 1
    return False
