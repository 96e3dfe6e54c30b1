"""A USB host for the emulated board's console that sends something only when there is something.

rp2040py's answers each request for data at once, with nothing if need be, and the board asks again: forty
times in a millisecond, which takes it three quarters of its processor's time. A real host lets it wait.
"""

from __future__ import annotations

from rp2040py.usb.cdc import USBCDC


class QuietCDC(USBCDC):
    """Made of an emulated USBCDC by ``quiet``."""

    asked = 0
    """Octets that the board is ready to take now."""

    def begin(self) -> None:
        self._answer = self.usb.on_endpoint_read
        self.usb.on_endpoint_read = self._read
        self.usb.on_reset = self._gone

    def _read(self, endpoint: int, size: int) -> None:
        if endpoint == self._out_endpoint and self.tx_fifo.empty:
            self.asked = size
        elif self._answer is not None:
            self._answer(endpoint, size)

    def _gone(self) -> None:
        self.asked = 0
        self._on_controller_reset()

    def send_serial_byte(self, data: int) -> None:
        super().send_serial_byte(data)
        if self.asked and self._answer is not None:
            size, self.asked = self.asked, 0
            self._answer(self._out_endpoint, size)


def quiet(cdc: USBCDC) -> None:
    """Let ``cdc`` wait until there is something to send."""
    cdc.__class__ = QuietCDC
    assert isinstance(cdc, QuietCDC)
    cdc.begin()
