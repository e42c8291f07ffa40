"""Archives of XML, as spreadsheets are: what they unpack to is measured before it is parsed."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from beforeafter.records.report import Remark, Report

MOST_UNPACKED = 512 * 1024**2
MOST_PARTS = 10_000
# What is parsed takes forty times its size in memory until a row of it has been read.
MOST_WITHOUT_ROW = 16 * 1024**2
BYTES_AT_ONCE = 1 << 20
# A tag may begin in one block of bytes and end in the next.
LONGEST_TAG = 64
COMMENT = re.compile(rb"<(?:\w+:)?(?:comment|annotation|threadedComment)[\s>/]")


def look_into(file: Path, report: Report) -> None:
    """Unpack an archive once, keeping nothing, to know that it can be parsed."""
    comments = False
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED:
                raise report.unreadable(
                    f"unpacks to more than {MOST_UNPACKED // 1024**2:,} MiB",
                    "save the sheet as CSV if it is as large as that",
                )
            for part in parts:
                without_row = 0
                for block in _blocks(archive, part):
                    without_row = _without_row(part.filename, block, without_row)
                    if without_row > MOST_WITHOUT_ROW:
                        raise report.unreadable(
                            f"{MOST_WITHOUT_ROW // 1024**2} MiB of it have no row",
                            "save the sheet as CSV",
                        )
                    comments = comments or COMMENT.search(block) is not None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        raise report.unreadable(
            "damaged, truncated or encrypted", "open it in a spreadsheet program and save it anew"
        ) from None
    if comments:
        rule = "comments on cells were not read"
        report.doubts.append(Remark(rule, "does one of them change what a cell says?"))


def _without_row(name: str, block: bytes, before: int) -> int:
    """Return how many bytes of a part have been parsed, after one more block, since its last row.

    Rows end in a sheet and in the texts that sheets share; pictures are not parsed.
    """
    if not name.endswith((".xml", ".rels")):
        return 0
    has_rows = name.startswith(("xl/worksheets/", "xl/sharedStrings")) or name == "content.xml"
    row = max(block.rfind(b"row"), block.rfind(b"si>")) if has_rows else -1
    return before + len(block) if row < 0 else len(block) - row


def _blocks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    # zipfile stops at the size that the part is said to have, so that it cannot be larger.
    with archive.open(part) as stream:
        end = b""
        while block := stream.read(BYTES_AT_ONCE):
            yield end + block
            end = block[-LONGEST_TAG:]
