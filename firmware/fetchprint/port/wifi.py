"""Wi-Fi that joins and rejoins in the background and counts only once it is steady."""

import time

import network

from fetchprint.port.native import micropython

const = micropython.const

_LOOK_MS = const(100)  # between two looks at the link
_STEADY_MS = const(1000)  # up for so long without a break before it counts
_JOIN_MS = const(30000)  # a join that has not succeeded by then is begun anew
_AGAIN_MS = const(5000)  # between a failed join and the next

_OFF = const(0)
_JOINING = const(1)
_UP = const(2)
_STEADY = const(3)


class WiFi:
    """``settings`` are the board's, ``credentials`` have ``ssid`` and ``password`` and perhaps
    ``country``; ``report(**event)`` is told of each change."""

    def __init__(self, settings, credentials, report):
        self.steady = False
        self._report = report
        self._credentials = credentials
        self._phase = _OFF
        self._since = self._looked = time.ticks_ms()
        self._wait_ms = 0
        if "ssid" not in credentials:
            self._wlan = None
            report(event="error", message="no Wi-Fi is set: give this board one with fetchprint provision")
            return
        if "country" in credentials:
            network.country(credentials["country"])
        self._wlan = wlan = network.WLAN(network.WLAN.IF_STA)
        wlan.active(True)
        saving = settings.get("wifi_power_save")
        if saving:
            wlan.config(pm=getattr(network.WLAN, saving))

    def dns(self) -> str:
        """The address of the DNS server that the network named."""
        return self._wlan.ifconfig()[3]

    def poll(self, now: int) -> None:
        """Move on; cheap enough for every turn of the loop. ``now`` is of time.ticks_ms."""
        if self._wlan is None or time.ticks_diff(now, self._looked) < _LOOK_MS:
            return
        self._looked = now
        phase = self._phase
        passed = time.ticks_diff(now, self._since)
        if phase == _OFF:
            if passed >= self._wait_ms:
                self._join(now)
        elif self._wlan.isconnected():
            if phase == _JOINING:
                self._enter(_UP, now)
            elif phase == _UP and passed >= _STEADY_MS:
                self._enter(_STEADY, now)
                self._report(event="network", state="up", address=self._wlan.ifconfig()[0])
        elif phase != _JOINING:
            if phase == _STEADY:
                self._report(event="network", state="lost")
            self._join(now)
        elif passed >= _JOIN_MS or self._refused():
            self._report(event="network", state="failed", message=self._reason())
            self._wlan.disconnect()
            self._enter(_OFF, now)
            self._wait_ms = _AGAIN_MS

    def _join(self, now):
        self._report(event="network", state="joining", ssid=self._credentials["ssid"])
        try:
            self._wlan.connect(self._credentials["ssid"], self._credentials.get("password", ""))
        except OSError as error:
            self._report(event="network", state="failed", message=str(error))
            self._wait_ms = _AGAIN_MS
            self._enter(_OFF, now)
            return
        self._enter(_JOINING, now)

    def _enter(self, phase, now):
        self._phase = phase
        self._since = now
        self.steady = phase == _STEADY

    def _refused(self):
        """Whether the join has ended without success."""
        return self._reason() != ""

    def _reason(self):
        status = self._wlan.status()
        if status == network.STAT_WRONG_PASSWORD:
            return "the password is wrong"
        if status == network.STAT_NO_AP_FOUND:
            return "there is no such network in reach"
        return ""
