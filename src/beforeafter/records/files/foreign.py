"""Run as a process of its own: reads an SPSS or Stata file for `binary`.

The library that reads them is written in C, and a damaged file can bring down the process that it
runs in, or make it ask for all the memory there is. Here that ends this process only.
"""

import pickle
import sys
from contextlib import suppress

MOST_MEMORY = 4 * 1024**3


def main() -> None:
    """Send names of columns and number of rows; receive which to read; send them."""
    import pyreadstat  # noqa: PLC0415

    reader, file, encoding = sys.argv[1:]
    read, encoding_or_none = getattr(pyreadstat, reader), encoding or None
    _, known = read(file, metadataonly=True, encoding=encoding_or_none)
    _send(([name or "" for name in known.column_names], known.number_rows or 0))
    names, most_rows = pickle.load(sys.stdin.buffer)  # noqa: S301
    data, meta = read(
        file,
        usecols=names,
        user_missing=True,
        row_limit=most_rows,
        output_format="dict",
        encoding=encoding_or_none,
    )
    _send((data, meta.variable_value_labels, meta.missing_user_values, meta.missing_ranges))


def _send(what: object) -> None:
    pickle.dump(what, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
    sys.stdout.buffer.flush()


def _bound_memory() -> None:
    with suppress(ImportError):  # not on Windows
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


if __name__ == "__main__":
    _bound_memory()
    main()
