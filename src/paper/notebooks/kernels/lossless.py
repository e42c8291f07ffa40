"""The kernel of IPython, which keeps all that it shows until the build has taken it.

Of an error it tells by its class, not by the name of that, whether its message names no patient.
"""

from typing import Any

import zmq
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

from declared import ExplainedError

NO_LIMIT = 0
# Stands before the name of an error whose message may be shown.
SHOWN = "shown:"


def name_of(error: BaseException | None) -> str:
    """Return the name of the class of an error, marked if that itself says it names no patient."""
    kind = type(error)
    # What inherits from such a class, in a notebook or in another package, says nothing of itself.
    is_shown = isinstance(error, ExplainedError) and "NAMES_NO_PATIENT" in vars(kind)
    return f"{SHOWN if is_shown else ''}{kind.__name__.rpartition(':')[2]}"


class _Kernel(IPythonKernel):
    async def do_execute(self, *code: Any, **options: Any) -> Any:
        ran: list[Any] = []
        shell: Any = self.shell
        shell.events.register("post_run_cell", ran.append)
        reply = await super().do_execute(*code, **options)  # type: ignore[no-untyped-call]
        shell.events.unregister("post_run_cell", ran.append)
        if reply["status"] == "error":
            reply["ename"] = name_of(ran[-1].error_before_exec or ran[-1].error_in_exec)
        return reply


class Lossless(IPKernelApp):
    """A kernel without a limit to what waits to be sent."""

    def init_iopub(self, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        """Open the socket for outputs."""
        # By default messages are dropped once a thousand wait.
        context.setsockopt(zmq.SNDHWM, NO_LIMIT)
        super().init_iopub(context)  # type: ignore[no-untyped-call]


def launch(argv: list[str] | None = None) -> None:
    """Start the kernel; it ends when its client asks for it."""
    Lossless.launch_instance(argv=argv, kernel_class=_Kernel)
