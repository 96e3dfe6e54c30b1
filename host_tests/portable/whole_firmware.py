"""The whole firmware beside an honest service of either profile, for tests of what it then does."""

import hostile_mobile_service as mobile
from hostile_device import Printer
from hostile_service import CANCELED, COMPLETED, Service

DEREGISTER, REGISTER_DEVICE = 0x46, 0x5F
EITHER = ((Service, {}), (mobile.Service, mobile.CONFIG))


def ready(make=Service, **config):
    service = make()
    printer = Printer(service, **config)
    printer.until(lambda: printer.waiting, "waiting")
    return printer, service


def stops(printer):
    """Ask for a clean stop as a person does; it is done."""
    printer.port.stopping = True
    printer.loop.run()
    assert printer.said('"stopped"') and printer.session.stopped


def printed(printer, service, job):
    printer.until(lambda: job.state >= CANCELED and printer.idle, "printed")
    assert job.state == COMPLETED, (job.state, job.message)
