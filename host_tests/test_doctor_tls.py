"""What ``fetchprint doctor`` says of a service over TLS, and what to do about it."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from fetchprint_tools import pki
from fetchprint_tools.boards import doctor_tls
from support import unused_port
from tls_kit import CLIENT, Answering, Pair, make

CA = make(ca=True, subject="the CA")
DEVICE = make(CA, names=(), purpose=CLIENT)
FILES = {"/tls/ca.der": CA.der, "/tls/device.der": DEVICE.der, "/tls/key.der": pki.key_der(DEVICE.key)}
REPLY = b"HTTP/1.1 400 Bad Request\r\n\r\n"
OWN = {"ca": ["/tls/ca.der"], "cert": "/tls/device.der", "key": "/tls/key.der"}


def examine(port: int, **tls: object) -> doctor_tls.Seen:
    service = {"uri": f"ipps://localhost:{port}/ipp", "tls": tls or {"ca": "/tls/ca.der"}}
    return doctor_tls.examine(service, FILES.get)


@pytest.mark.parametrize(
    ("pair", "what", "todo"),
    [
        (make(CA, names=("other.example",)), "wrong name", "correct the service's URI"),
        (make(make(ca=True, subject="another")), "unknown CA", "give the CA of this service"),
        (make(CA, days=(-20, -10)), "expired", "the service needs a new one"),
        (make(CA, days=(10, 20)), "is not valid", "is the clock right here, and there?"),
    ],
)
def test_which_check_fails_and_what_to_do(pair: Pair, what: str, todo: str, tmp_path: Path) -> None:
    with Answering(tmp_path, pair, reply=REPLY) as service:
        good, detail, hint = examine(service.port)
    assert good is False and what in detail and todo in hint and what not in hint


def test_all_is_well_or_cannot_be_seen(tmp_path: Path) -> None:
    demanding = Answering(tmp_path, make(CA), reply=REPLY)
    demanding.context.load_verify_locations(cadata=CA.der)
    demanding.context.verify_mode = ssl.CERT_REQUIRED
    with demanding as service:
        good, detail, hint = examine(service.port, **OWN)
        assert good and "was shown the board's certificate; it answers 'HTTP/1.1 400" in detail and not hint
        good, detail, hint = examine(service.port)
        assert good is False and "refused the connection" in detail and "give tls.cert and tls.key" in hint
    good, detail, hint = examine(unused_port())
    assert good is None and "perhaps the board can" in hint
    with Answering(tmp_path, make(CA), plain=True) as service:
        good, detail, hint = examine(service.port)
        assert good is False and "does not speak TLS" in detail


def test_files_that_the_board_lacks(tmp_path: Path) -> None:
    good, detail, hint = examine(1, ca="/tls/lost.der")
    assert (good, detail) == (False, "/tls/lost.der is not on the board") and "fetchprint provision" in hint
    good, detail, hint = examine(1, **{**OWN, "cert": "/tls/ca.der"})
    assert good is False and detail == "ca.der: the certificate is not for the key in tls.key"
