"""What the Output Device tells an Infrastructure Printer about itself:
Update-Output-Device-Attributes (PWG 5100.18 section 5.6)."""

from fetchprint.ipp import tags as t
from fetchprint.port.native import micropython
from fetchprint.service import capabilities, infra
from fetchprint.service.request import begin

const = micropython.const

_UPDATE_OUTPUT_DEVICE_ATTRIBUTES = const(0x0049)


def update_device(enc, who, pipe, name, state, reasons, message) -> int:
    """Update-Output-Device-Attributes with all that the device is. ``state`` 3 idle, 4 processing
    or 5 stopped; ``reasons`` printer-state-reasons keywords; ``name`` for printer-info."""
    _begin(enc, who, state, reasons, message)
    capabilities.capabilities(enc, pipe, name)
    return enc.end()


def update_state(enc, who, state, reasons, message) -> int:
    """Update-Output-Device-Attributes with the state alone."""
    _begin(enc, who, state, reasons, message)
    return enc.end()


def _begin(enc, who, state, reasons, message):
    begin(enc, who, _UPDATE_OUTPUT_DEVICE_ATTRIBUTES)
    infra.device(enc, who)
    enc.group(t.PRINTER)
    capabilities.state(enc, state, reasons, message)
