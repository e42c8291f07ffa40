"""Run one notebook in a kernel of its own: all of its outputs, or an error that names the cell."""

import asyncio
import atexit
import re
import subprocess
from pathlib import Path
from typing import Any, cast

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from paper.errors import PaperError
from paper.notebooks.kernels.alone import Alone
from paper.notebooks.kernels.channels import Client
from paper.notebooks.kernels.lossless import SHOWN
from paper.notebooks.kernels.start import kernel
from paper.notebooks.notebook_file import clear_outputs, code_cells, label_of, read_notebook
from paper.notebooks.only_when import NotApplicable, end_early
from paper.notebooks.progress import Progress
from paper.storage.project import Notebook, open_project, reads_other_data
from paper.storage.settings import CELL_TIMEOUT, SETTINGS

# Warm kernels first import all that cells do.
SECONDS_TO_START = 600
# When a cell has ended its outputs are there, unless the machine is very busy.
SECONDS_TO_HEAR = 300
LOST = "\nThe message was: Timeout waiting for IOPub output"
ANSI = re.compile(r"\x1b\[[0-9;]*m")
NOT_SHOWN = (
    "What it says may name a patient and is not shown. "
    "To see it on your own terminal, and in no file: --show-values."
)
# A warning names the file in which a kernel keeps a cell, and that the process: another each time.
KERNEL_FOLDER = re.compile(r"\S*[/\\]ipykernel_\d+[/\\]")
FAILING_LINE = re.compile(r"^-+> *\d+ (?P<code>.*)$", re.MULTILINE)


class Session:
    """A notebook that is run, in the folder of a paper.

    `name`: what it is called, to whoever waits or reads of an error. `limit`: how many seconds a cell may take; None for as long as it takes.
    """

    def __init__(self, root: Path, notebook: Notebook, name: str, limit: int | None) -> None:
        self._root, self._name, self._limit = root, name, limit
        file = root / notebook.path
        self._content: NotebookNode = nbformat.from_dict(read_notebook(root, notebook))
        cells = self._content.cells
        self._code = [index for index, cell in enumerate(cells) if cell.cell_type == "code"]
        # Of a cell that does not run now nothing is kept of when it did.
        clear_outputs(self._content)
        self._client = NotebookClient(
            self._content,
            timeout=limit,
            startup_timeout=SECONDS_TO_START,
            iopub_timeout=SECONDS_TO_HEAR,
            raise_on_iopub_timeout=True,
            resources={"metadata": {"path": str(file.parent)}},
            record_timing=False,
        )
        self._place = name
        # What was noted of the run: what was read, line by line.
        self.notes: list[str] = []

    async def run(self, starts: Alone, show: Progress) -> NotebookNode:
        """Return the notebook, executed.

        Raises PaperError if a cell fails, takes too long, or its outputs do not come; names
        notebook and cell.
        """
        client = self._client
        show.at(self._name, "its kernel starts", 1, len(self._code))
        try:
            with kernel(starts, self._root, self.notes) as (client.km, environment):
                # What cells print is captured. A kernel that is interrupted writes a traceback of
                # its own, which nobody can act on.
                async with client.async_setup_kernel(env=environment, stderr=subprocess.DEVNULL):
                    await self._run_cells(cast("Client", client.kc), show)
        except CellTimeoutError as error:
            raise (self._lost() if LOST in str(error) else self._too_long()) from None
        except DeadKernelError:
            raise PaperError(self._place, "its kernel died", "Perhaps memory ran out.") from None
        except (RuntimeError, AssertionError):
            # An assertion is what nbclient says when it cleans up after a kernel that never was.
            what = "its kernel did not start"
            raise PaperError(self._name, what, "Perhaps memory ran out.") from None
        except OSError as error:
            what = f"its kernel could not be given what it needs: {error.strerror}"
            raise PaperError(self._name, what) from None
        except CellExecutionError as error:
            if error.ename != f"{SHOWN}{NotApplicable.__name__}":
                raise self._failure(error.ename, str(error.evalue)) from None
            end_early(self._content, str(error.evalue))
        finally:
            # Of a kernel that never was, or whose end was cut short, nbclient would complain when
            # the program ends; whatever is left of it is ended with the nursery.
            atexit.unregister(client._cleanup_kernel)
        _tidy(self._content)
        return self._content

    async def _run_cells(self, kernel: Client, show: Progress) -> None:
        cells, take = self._content.cells, self._client.process_message
        kernel.iopub_channel.late = lambda message, index: take(message, cells[index], index)
        for number, index in enumerate(self._code, start=1):
            cell = cells[index]
            what = f"cell {label_of(cell, self._name)}"
            self._place = f"{self._name}, {what}"
            show.at(self._name, what, number, len(self._code))
            kernel.iopub_channel.cell = index
            await self._client.async_execute_cell(
                cell, index, execution_count=self._client.code_cells_executed + 1
            )
        try:
            await asyncio.wait_for(kernel.all_said(), SECONDS_TO_HEAR)
        except TimeoutError:
            raise self._lost() from None

    def _too_long(self) -> PaperError:
        return PaperError(
            self._place,
            f"ran for more than {self._limit} s, the limit that was set",
            f"Give it more time, or none: `{CELL_TIMEOUT}` in {SETTINGS}, or --{CELL_TIMEOUT}.",
        )

    def _lost(self) -> PaperError:
        return PaperError(
            self._place,
            f"ended, but {SECONDS_TO_HEAR} s later not all of its outputs had come",
            "Nothing of this notebook is stored. Run it again, on a machine that is less busy.",
        )

    def _failure(self, kind: str, message: str) -> PaperError:
        """Tell which line of the notebook failed, and what the error says if it may be shown."""
        may_be_shown, kind = kind.startswith(SHOWN), kind.removeprefix(SHOWN)
        what, line = f"{kind}: {message}", self._failing_line()
        full = PaperError(self._place, what, line)
        if not reads_other_data(self._root):
            return full
        # What an error says may show a cell of somebody's records.
        if may_be_shown:
            what = what.replace(open_project(self._root).data.name, "data")
            return PaperError(self._place, what, line, full)
        return PaperError(self._place, kind, f"{line}\n{NOT_SHOWN}".strip(), full)

    def _failing_line(self) -> str:
        for cell in code_cells(self._content):
            for output in cell["outputs"]:
                if output["output_type"] == "error":
                    trace = ANSI.sub("", "\n".join(output["traceback"]))
                    line = FAILING_LINE.search(trace)
                    return f"in the line: {line['code'].strip()}" if line else ""
        return ""


def _tidy(content: NotebookNode) -> None:
    """Take out what would differ from run to run, or from reviewer to reviewer."""
    for cell in content.cells:
        joined: list[Any] = []
        for output in cell.get("outputs", []):
            if output["output_type"] != "stream":
                joined.append(output)
                continue
            output["text"] = KERNEL_FOLDER.sub("", output["text"])
            # A text may come in one piece or in several, as time will have it.
            if joined and joined[-1].get("name") == output["name"]:
                joined[-1]["text"] += output["text"]
            else:
                joined.append(output)
        if cell.cell_type == "code":
            cell.outputs = joined
    # The version of Python is not a result.
    content.metadata.language_info = {"name": "python"}
