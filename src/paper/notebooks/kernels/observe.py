"""What a process reads, noted while it runs: files, folders, other programs, the network.

Python tells of each file that it opens and each folder that it lists (PEP 578, audit hooks); that a
file is looked for is seen where `os.stat` is called. Nobody tells what another program reads, or a
library that opens files by itself; of these it is noted that they were there, and the paper assumes
that they read all of it. Every note is a line of JSON, in the order of time.

Only the standard library is imported here, since whatever is observed comes later.
"""

import hashlib
import json
import os
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

# Names the file of notes and the folder of the paper, for processes that a kernel starts.
VARIABLE = "PAPER_OBSERVED"
# What a kernel gets so that each Python that it starts is observed too.
CHILDREN = Path(__file__).with_name("children")
READ, LISTED, SOUGHT, WRITTEN = "read", "list", "seek", "write"
BLIND, NETWORK, DATA = "blind", "net", "data"
MISSING = "missing"
# Modules that open files without Python, or hand that to another process.
BLIND_MODULES = {
    "cv2", "dbm.gnu", "dbm.ndbm", "duckdb", "fiona", "h5py", "netCDF4", "polars", "pyarrow.csv",
    "pyarrow.dataset", "pyarrow.feather", "pyarrow.fs", "pyarrow.json", "pyarrow.orc",
    "pyarrow.parquet", "pyreadr", "pyreadstat", "pysam", "rasterio", "rpy2", "tables", "zarr",
}  # fmt: skip
# What libraries ask about the machine, and get the same answer whatever the paper says.
ABOUT_THE_MACHINE = {
    "cc", "fc-list", "gcc", "ld", "ldconfig", "lscpu", "sw_vers", "sysctl", "uname",
}  # fmt: skip
SYSTEM = ("/proc", "/sys", "/dev", "/etc", "/usr", "/lib", "/lib64", "/bin", "/sbin", "/System",
          "/Library", "/var/lib", "/var/cache", "/run")  # fmt: skip
# What no code of a paper reads on purpose, and systems, editors and installers leave.
LEFT_BY_OTHERS = ("__pycache__", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "desktop.ini")
LEFT_ENDINGS = ("~", ".swp", ".swo", ".egg-info", ".dist-info", ".pyc.tmp")
LONGEST = 1024
LOOPBACK = ("127.", "::1", "localhost")


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of what a file holds."""
    return hashlib.sha256(content).hexdigest()


def listing_of(folder: str | os.PathLike[str]) -> str:
    """Return the digest of the names in a folder, but for those that others leave."""
    try:
        names = sorted(name for name in os.listdir(folder) if not left_by_others(name))
    except OSError:
        return MISSING
    return digest_of("\0".join(names).encode(errors="surrogateescape"))


def there_is(path: str | os.PathLike[str]) -> str:
    """Return whether there is something, and whether that is a folder."""
    return "folder" if os.path.isdir(path) else "file" if os.path.exists(path) else MISSING


def content_of(path: str | os.PathLike[str]) -> str:
    """Return the digest of a file, or that it is missing."""
    try:
        with open(path, "rb") as stream:
            return digest_of(stream.read())
    except OSError:
        return MISSING


def left_by_others(name: str) -> bool:
    """Whether a file or folder of this name is nobody's input."""
    return name in LEFT_BY_OTHERS or name.endswith(LEFT_ENDINGS) or name.startswith(".#")


class _Thread(threading.local):
    """Of each thread: how many have said that what happens until its end is not the notebook's."""

    own = 0


class _Observer:
    """Notes what one process reads; its forks go on with the same file."""

    def __init__(self, notes: str, root: str, own: Sequence[str], online: bool) -> None:
        self._notes = notes
        self._root, self._scratch = root + os.sep, os.path.dirname(notes) + os.sep
        home = os.path.expanduser("~")
        prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, *sysconfig.get_paths().values()}
        # Packages that are installed as folders elsewhere, to be worked on.
        prefixes |= {path for path in sys.path if not f"{path}/".startswith(self._root)}
        around = {f"{prefix}{os.sep}" for prefix in {*prefixes, *SYSTEM} if prefix}
        around = {prefix for prefix in around if not self._root.startswith(prefix)}
        self._installed = (*around, *(f"{folder}{os.sep}" for folder in own))
        self._hidden = f"{home}{os.sep}."
        self._online = online
        self._noted: set[tuple[str, str]] = set()
        self._thread = _Thread()
        self._events: dict[str, Callable[..., None]] = {
            "open": self._open,
            "os.listdir": self._list,
            "os.scandir": self._list,
            "os.mkdir": lambda path, *_: self.note(WRITTEN, path),
            "os.rename": lambda _, to, *__: self.note(WRITTEN, to),
            "os.link": lambda _, to, *__: self.note(WRITTEN, to),
            "os.symlink": lambda _, to, *__: self.note(WRITTEN, to),
            "os.stat": lambda path: self.note(SOUGHT, path),
            "sqlite3.connect": lambda path, *_: self.note(READ, path),
            "ctypes.dlopen": self._load,
            "import": self._import,
            "subprocess.Popen": lambda program, arguments, *_: self._start(program, arguments),
            "os.exec": lambda program, arguments, *_: self._start(program, arguments),
            "os.posix_spawn": lambda program, arguments, *_: self._start(program, arguments),
            "os.system": lambda command: self._start(command, ()),
            "socket.connect": lambda _, address: self._connect(address),
            "socket.getaddrinfo": lambda host, *_: self._connect((host,)),
            "paper.data": lambda data: self._write(DATA, data),
        }

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "unobserved":
            self._thread.own += 1 if arguments[0] else -1
        elif (act := self._events.get(event)) and not self._thread.own:
            self._thread.own += 1
            try:
                act(*arguments)
            finally:
                self._thread.own -= 1

    def note(self, kind: str, path: Any) -> None:
        """Note what happens to a path, once, and what it holds then."""
        place = self._place(path)
        # What is no file may be looked for as one: a text that may be a name, a database in memory.
        is_name = len(place) < LONGEST and place.isprintable() and "/:" not in place
        if place and is_name and (kind, place) not in self._noted:
            self._noted.add((kind, place))
            if kind == READ and not os.path.isdir(place):
                self._write(READ, place, content_of(place))
            elif kind == LISTED:
                self._write(LISTED, place, listing_of(place))
            elif kind == SOUGHT:
                self._write(SOUGHT, place, there_is(place))
            elif kind == WRITTEN:
                self._write(WRITTEN, place)

    def _place(self, path: Any) -> str:
        """Return a path in full, or nothing if it is none, or one that is nobody's input."""
        if isinstance(path, int):
            return ""
        full = os.path.abspath(os.fsdecode(path))
        if not full.startswith(self._root):
            full = os.path.realpath(full)
        if full.endswith(".pyc"):
            folder, name = os.path.split(full)
            full = os.path.join(os.path.dirname(folder), name.partition(".")[0] + ".py")
        parts = full.split(os.sep)
        if full.startswith((*self._installed, self._scratch)) or any(map(left_by_others, parts)):
            return ""
        in_paper = (full + os.sep).startswith(self._root)
        return full if in_paper or not full.startswith(self._hidden) else ""

    def _write(self, *note: str) -> None:
        # Opened each time: a fork may have closed what was open, and opened something else.
        file = os.open(self._notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.write(file, json.dumps(note).encode() + b"\n")
        os.close(file)

    def _load(self, library: Any) -> None:
        if os.sep in str(library):
            self.note(READ, library)

    def _open(self, path: Any, _: Any, flags: int) -> None:
        # Who empties a folder opens what is in it by names that are relative to it.
        if sys._getframe(2).f_code.co_name.startswith("_rmtree"):
            return
        writes = flags & (os.O_WRONLY | os.O_RDWR)
        if not writes or (flags & os.O_RDWR and not flags & os.O_TRUNC):
            self.note(READ, path)
        if writes:
            self.note(WRITTEN, path)

    def _list(self, path: Any) -> None:
        # Imports list the folders of modules, and installers' notes: what they find is opened.
        caller = sys._getframe(2).f_code.co_filename
        if caller.startswith("<frozen importlib") or f"{os.sep}importlib{os.sep}" in caller:
            return
        if isinstance(path, int):  # a folder that is open already
            path = os.readlink(f"/proc/self/fd/{path}") if sys.platform == "linux" else None
        self.note(LISTED, os.curdir if path is None else path)

    def _import(self, module: str, *_: Any) -> None:
        if module in BLIND_MODULES:
            self._blind(module)

    def _start(self, program: Any, arguments: Any) -> None:
        command = [os.fsdecode(word) for word in arguments or ()] or [""]
        name, options = os.path.basename(os.fsdecode(program or command[0])), command[1:3]
        is_python = name.startswith("python") and not {"-I", "-E", "-S"} & {*options}
        if not is_python and name not in ABOUT_THE_MACHINE:
            self._blind(name)

    def _blind(self, what: str) -> None:
        if (BLIND, what) not in self._noted:
            self._noted.add((BLIND, what))
            self._write(BLIND, what)

    def _connect(self, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if isinstance(host, str) and host and not host.startswith(LOOPBACK):
            self._write(NETWORK, host)
            if not self._online:
                raise ConnectionRefusedError(f"{host}: this paper does not read from the network")


def observe() -> None:
    """Observe this process from now on, if a build asks for it."""
    told = os.environ.get(VARIABLE)
    if not told:
        return
    observer = _Observer(*json.loads(told))
    os.environ["PYTHONPATH"] = str(CHILDREN)
    sys.addaudithook(observer.hook)
    stat = os.stat

    def seen(path: Any, *arguments: Any, **options: Any) -> os.stat_result:
        observer.hook("os.stat", (path,))
        return stat(path, *arguments, **options)

    for able in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
        able.add(seen)
    os.stat = seen
    for module in BLIND_MODULES & sys.modules.keys():
        observer.hook("import", (module,))


def asked(notes: Path, root: Path, own: Iterable[Path], online: bool) -> dict[str, str]:
    """Return what a kernel needs in its environment to be observed, with all that it starts.

    `own`: folders of packages that run notebooks and are no input.
    """
    told = (str(notes.resolve()), str(root.resolve()), [*map(str, own)], online)
    return {VARIABLE: json.dumps(told)}
