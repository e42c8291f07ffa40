"""What a kernel says of the outputs of its cells: nothing is dropped, however late it comes."""

from collections.abc import Callable
from typing import Any

import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from traitlets import Type

Message = dict[str, Any]
OUTPUTS = {"clear_output", "display_data", "execute_result", "stream", "update_display_data"}
NO_LIMIT = 0


class OutputChannel(AsyncZMQSocketChannel):
    """Brings messages in their order; hands over those that nobody waits for any more.

    That is what a cell still prints when its end was told: from a thread, or from another process.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.cell = 0  # the one that runs
        self.late: Callable[[Message, int], object] = lambda *_: None
        # Identifier of a request → the cell that it ran.
        self._ended: dict[str, int] = {}

    async def get_msg(  # type: ignore[override]  # as that of its parent
        self, timeout: float | None = None
    ) -> Message:
        """Return the next message."""
        message = await super().get_msg(timeout)
        asked = message["parent_header"].get("msg_id", "")
        if is_idle(message):
            self._ended[asked] = self.cell
        elif asked in self._ended and message["msg_type"] in OUTPUTS:
            self.late(message, self._ended[asked])
        return message


class Client(AsyncKernelClient):
    """Asks a kernel, and keeps all that it says until somebody reads it."""

    iopub_channel_class = Type(OutputChannel)

    def _context_default(self) -> zmq.asyncio.Context:
        context = super()._context_default()
        # By default the kernel drops messages once a thousand wait to be read.
        context.setsockopt(zmq.RCVHWM, NO_LIMIT)
        return context

    async def all_said(self) -> None:
        """Wait until everything has come that the kernel said before it answers this."""
        asked = self.kernel_info()
        while True:
            message = await self.iopub_channel.get_msg()
            if is_idle(message) and message["parent_header"].get("msg_id") == asked:
                return


def is_idle(message: Message) -> bool:
    """Return whether a message says that all outputs that were asked for have been sent."""
    is_status = message["msg_type"] == "status"
    return is_status and bool(message["content"]["execution_state"] == "idle")
