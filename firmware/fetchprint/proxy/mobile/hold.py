"""Fetch-Print-Job: held by the service while there is nothing to print."""

from fetchprint import ticks
from fetchprint.errors import PeerError
from fetchprint.port.native import micropython
from fetchprint.proxy.watch import Asker
from fetchprint.service import mobile
from fetchprint.service.status import NOT_POSSIBLE, SUCCESS_END

const = micropython.const

_WAIT_S = const(60)  # fetch-wait: routers forget connections that are silent for some minutes
_WAIT_MS = const(90000)
_QUICK_MS = const(1000)  # an empty answer sooner than this was not held
_PAUSE_MS = const(5000)  # so the next request waits, and twice as long each time it repeats
_LONGEST_PAUSE_MS = const(120000)


class Hold(Asker):
    """On the connection that documents come by; its answer is left in the Control's ``offer``."""

    def __init__(self, session, exchange, random):
        Asker.__init__(self, session, exchange, random)
        self._started_at = 0
        self._pause = 0
        self._unknown = False  # the last answer was that the device is not known

    def choose(self, now):
        self._started_at = ticks.past(now, self._started_at)
        session = self.session
        control = session.control
        if not control.idle or not control.described or control.answered:
            return
        if session.stopping or session.job.phase:
            return
        if not self._pause or ticks.diff(now, self._started_at) >= self._pause:
            self._started_at = now
            control.offer.clear()
            length = mobile.fetch_print_job(self.exchange.encoder, session.identity, _WAIT_S)
            self.hold(now, length, control.offer, _WAIT_MS)

    def take(self, now, doing, status):
        control = self.session.control
        offer = control.offer
        if status == NOT_POSSIBLE and not offer.found:
            if self._unknown:
                raise PeerError("Fetch-Print-Job: Report-Printer did not make this device known")
            self._unknown = True
            control.described = False
            return
        self._unknown = False
        control.answered = status == NOT_POSSIBLE or (status < SUCCESS_END and offer.announced > 0)
        if control.answered:
            control.offered_at = now
            self._pause = 0
            return
        control.expect(status, "Fetch-Print-Job")
        if offer.identify:
            control.identify = True
        if ticks.diff(now, self._started_at) < _QUICK_MS:
            self._pause = min(max(self._pause * 2, _PAUSE_MS), _LONGEST_PAUSE_MS)
        else:
            self._pause = 0
            control.backoff.succeeded()

    def failed(self, now, error):
        self.session.control.failed(now, error)  # the service is gone for both
