"""Write wheels; also what builds the little project of `test_install.py`, in which it is copied."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path


def write_wheel(folder: Path, name: str, version: str, files: Mapping[str, str]) -> Path:
    """Write a wheel of a package that needs no other; files are name → content."""
    info = f"{name}-{version}.dist-info"
    content = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{file},{_digest(text)},{len(text.encode())}" for file, text in content.items()]
    content[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,\n"])
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as opened:
        for file, text in content.items():
            opened.writestr(zipfile.ZipInfo(file), text)
    return wheel


def _digest(text: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
    return f"sha256={digest.decode().rstrip('=')}"


def build_editable(folder: str, *_: object) -> str:
    """Build the little project, as installers ask for it: its code stays where it lies."""
    files = {"little.pth": f"{Path.cwd()}\n"}
    return write_wheel(Path(folder), "little", "1", files).name
