"""The one loop: the engine first, then each service, then one place to sleep."""

from fetchprint.port.native import micropython

const = micropython.const

_IDLE_MS = const(250)  # longest sleep otherwise; a stream that can move ends it at once


class Loop:
    """``port`` gives the time and the sleep; ``sessions`` are the services."""

    def __init__(self, port, device, sessions, log):
        self.log = log
        self._port = port
        self._device = device
        self._sessions = sessions
        self._ended = 0
        self._peak = 0

    def turn(self):
        """One round of everything. Returns False once a clean stop is done."""
        now = self._port.now()
        device = self._device
        before = device.pipe.work
        device.poll(now)
        stopped = True
        ended = 0
        more = False
        for session in self._sessions:
            work = session.work
            session.poll(now)
            more = more or session.work != work
            stopped = stopped and session.stopped
            ended += session.ended
        if stopped:
            return False
        if ended != self._ended:
            self._ended = ended
            self._measure()
        if more or device.pipe.work != before:
            self._port.wait(0)  # there is more to do, but the streams are looked at
        else:
            self._port.wait(device.engine.pause if device.owner else _IDLE_MS)
        return True

    def run(self):
        """Until a clean stop is asked for and done. The first failure of the program ends it, too."""
        port = self._port
        while self.turn():
            if port.stop_asked():
                self._stop()
        self.log.event("stopped")

    def meanwhile(self) -> bool:
        """For a transport that blocks: called while it waits for a service. Keeps the engine going;
        True asks to give up waiting, when the wait is only for events and there is something to report."""
        port = self._port
        device = self._device
        device.poll(port.now())
        if port.stop_asked():
            self._stop()
        for session in self._sessions:
            if session.holding and (session.stopping or session.reported != device.version):
                return True
        return False

    def _stop(self):
        for session in self._sessions:
            session.stop()

    def _measure(self):
        """After each job: what the heap holds, garbage first left in, then collected."""
        port = self._port
        heap = port.heap()
        if heap is None:
            return
        self._peak = max(self._peak, heap[0])
        port.collect()
        used, free = port.heap()
        self.log.event("heap", used=used, free=free, peak=self._peak)
