"""A service whose handshake comes octet by octet, or stops in the middle: the device goes on meanwhile."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

import pytest

from e2e import RUNTIMES, Emulate
from service_kit import Service
from tls_kit import Answering, make, run
from tls_relay import SlowRelay, handshake

CA = make(ca=True, subject="the CA")
REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: 3\r\n\r\nyes"
PAIR = make(CA)
LONGEST_MS = 2000
"""A turn that waits for anybody lasts longer; the mathematics of a handshake takes some milliseconds here."""


def answering(folder: Path) -> Answering:
    (folder / "ca.der").write_bytes(CA.der)
    service = Answering(folder, PAIR, reply=REPLY)
    service.context.maximum_version = ssl.TLSVersion.TLSv1_2
    return service


def ask(runtime: str, folder: Path, port: int, step: int) -> tuple[object, int, int]:
    """What came of one request, in how many turns, and what the longest took."""
    text = run(runtime, "tls_turns.py", folder, "localhost", port, {"ca": "ca.der"}, step)
    said, turns, longest, still_open = json.loads(text)
    assert still_open == (1 if said == 200 else 0)
    return said, turns, longest


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_handshake_octet_by_octet(runtime: str, tmp_path: Path) -> None:
    with answering(tmp_path) as service, SlowRelay(service.port, single=100_000) as relay:
        said, turns, longest = ask(runtime, tmp_path, relay.port, 5)
        assert said == 200 and longest < LONGEST_MS
        assert turns > len(relay.passed[0]) / 20, "it did not come back to the loop between the octets"
        # A drip does not hold the device for ever: the time for the whole handshake counts.
        said, turns, _ = ask(runtime, tmp_path, relay.port, 400)
        assert said == "no connection within 15000 ms" and turns < 45


@pytest.mark.slow
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_handshake_that_stops(runtime: str, tmp_path: Path) -> None:
    """At its first octet, within each message, and before its last octets; then within the reply."""
    with answering(tmp_path) as service, SlowRelay(service.port) as relay:
        assert ask(runtime, tmp_path, relay.port, 5)[0] == 200
        ends = handshake(relay.passed[0])
        # Its signature is 70 to 72 octets, so what comes after it may come earlier another time.
        stops = [0, 1, 5, *(end - 4 for end in ends)]
        for most in stops:
            relay.most = most
            said, turns, longest = ask(runtime, tmp_path, relay.port, 500)
            assert said == "no connection within 15000 ms", (most, said)
            assert 30 <= turns <= 40 and longest < LONGEST_MS, (most, turns, longest)
        relay.most = ends[-1] + 5
        said, turns, _ = ask(runtime, tmp_path, relay.port, 500)
        assert said == "no reply within 60000 ms" and turns >= 120
        relay.most = None
        assert ask(runtime, tmp_path, relay.port, 5)[0] == 200


@pytest.mark.slow
def test_the_printer_goes_on_while_a_handshake_stops(tmp_path: Path) -> None:
    """Its engine is asked and its other service served; then its service answers, and all is well."""
    with (
        Service(tmp_path / "one", "--tls") as one,
        Service(tmp_path / "two") as two,
        SlowRelay(one.port, single=100_000, most=400) as relay,
    ):
        config = tmp_path / "printer.json"
        uri = f"ipps://localhost:{relay.port}/ipp/print/infra"
        secured = {"uri": uri, "printer-uri": one.uri, "tls": {"ca": str(one.data / "ca" / "ca.pem")}}
        config.write_text(json.dumps({"services": [secured, {"uri": two.uri}]}))
        with Emulate((), tmp_path, "--config", str(config), runtime="micropython") as printer:
            printer.wait("service", state="waiting", service=two.uri)
            printer.wait("printer", state=lambda state: state != "stopped")
            assert relay.passed, "nothing was begun"
            printer.control("paper out")
            printer.wait("printer", state="stopped", reasons=lambda reasons: "media-empty" in reasons)
            assert not printer.all("service", service=uri, state="registered")
            lost = printer.wait("service", state="lost", service=uri)
            assert "no connection within 15000 ms" in lost["message"]
            relay.most = None
            printer.wait("service", state="waiting", service=uri)
            assert printer.stop() == 0
            assert len(printer.all("start")) == 1
