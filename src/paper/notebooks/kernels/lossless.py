"""The kernel of IPython, which keeps all that it shows until the build has taken it."""

import zmq
from ipykernel.kernelapp import IPKernelApp

NO_LIMIT = 0


class Lossless(IPKernelApp):
    """A kernel without a limit to what waits to be sent."""

    def init_iopub(self, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        """Open the socket for outputs."""
        # By default messages are dropped once a thousand wait.
        context.setsockopt(zmq.SNDHWM, NO_LIMIT)
        super().init_iopub(context)  # type: ignore[no-untyped-call]


launch = Lossless.launch_instance
