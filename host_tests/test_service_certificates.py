"""Registration by INFRA (PWG 5100.22), and certificates for the keys of devices of both profiles."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fetchprint.ipp import tags
from fetchprint_tools.client import NotIpp
from fetchprint_tools.codes import Operation, Status
from fetchprint_tools.message import Attribute, Message
from registration_kit import WRONG, code, strict
from service_device import Device
from service_kit import Printer, Service
from service_mobile import ESCPOS, MobileDevice

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with strict(tmp_path_factory.mktemp("registration")) as running:
        yield running


def csr(key: Key | None = None) -> str:
    """A certificate request in PEM that claims to be somebody else."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")])
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, algorithm)
    return request.public_bytes(serialization.Encoding.PEM).decode()


# -- certificates --


def judge_certificate(reply: Message, name: str, uuid: str, key: Key, data: Path) -> None:
    lines = reply.values(tags.OPERATION, name)
    assert 2 < len(lines) <= 128 and all(len(line) <= 76 for line in lines)
    certificate = x509.load_pem_x509_certificate("\n".join(lines).encode())
    authority = x509.load_pem_x509_certificate((data / "ca" / "ca.pem").read_bytes())
    certificate.verify_directly_issued_by(authority)
    assert certificate.public_key() == key.public_key()
    # Who it is says the service, not the request.
    assert [one.value for one in certificate.subject] == [uuid]
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [uuid]
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert (data / "ca" / "ca-key.pem").stat().st_mode & 0o777 == 0o600


def test_certificates(service: Service) -> None:
    device = MobileDevice(service.uri)
    keys: list[Key] = [
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP384R1()),
        rsa.generate_private_key(65537, 2048),
    ]
    reply = device.register(code(service), csr(keys[0]))
    judge_certificate(reply, "printer-x509-certificate", device.uuid, keys[0], service.data)
    for key in keys[1:]:  # renewals
        reply = device.register(pem=csr(key))
        assert reply.code == Status.OK
        judge_certificate(reply, "printer-x509-certificate", device.uuid, key, service.data)


def test_certificate_requests_that_get_none(service: Service) -> None:
    device = MobileDevice(service.uri)
    shown = code(service)
    reply = device.register(shown, csr(ed25519.Ed25519PrivateKey.generate()))
    assert reply.code == Status.ATTRIBUTES_OR_VALUES_NOT_SUPPORTED
    group = reply.find(tags.UNSUPPORTED_GROUP)
    assert group is not None and list(group.attributes) == ["printer-x509-request"]
    assert device.register(shown, csr(rsa.generate_private_key(65537, 1024))).code == reply.code
    good = csr().splitlines()
    forged = [*good[:-3], good[-3][::-1], *good[-2:]]
    for lines in (good[:-1], good[1:], ["x"] * 64, ["x"] * 65, forged):
        assert device.register(shown, "\n".join(lines)).code == Status.BAD_REQUEST
    # None of these has used the code up.
    assert device.register(shown, csr()).code == Status.OK


# -- INFRA --


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_infra_registration(service: Service) -> None:
    device = Device(service.uri)
    key = ec.generate_private_key(ec.SECP256R1())
    for ask in (device.declare, device.register, device.fetchable):
        with pytest.raises(NotIpp) as refused:
            ask()  # type: ignore[operator]
        assert refused.value.status == 401
    assert device.register(WRONG).code == Status.NOT_AUTHORIZED
    reply = device.register(code(service), csr(key))
    assert reply.code == Status.OK
    assert reply.get(tags.PRINTER, "printer-uuid") == Printer(service.uri).printer().get("printer-uuid")
    xri = reply.get(tags.PRINTER, "printer-xri-supported")
    assert (xri.get("xri-uri"), xri.get("xri-authentication")) == (service.uri, "basic")
    judge_certificate(reply, "output-device-x509-certificate", device.uuid, key, service.data)
    device.client.authorization = reply.get(tags.OPERATION, "http-credentials")
    assert device.declare(formats=(ESCPOS,)) == Status.OK
    number = Printer(service.uri).print(b"paper", ESCPOS)
    assert device.fetchable() == [number]
    assert device.acknowledge(number) == Status.OK
    assert device.document(number, formats=(ESCPOS,))[1] == b"paper"
    assert device.job_status(number, 9) == Status.OK
    # Again: idempotent, and what it has still holds.
    assert device.register().code == Status.OK
    assert device.active() == (Status.OK, {}, [])


def test_infra_clients_that_know_http_only(service: Service) -> None:
    """The code, and later the secret, as the password of Basic."""
    device = Device(service.uri)
    device.client.authorization = basic("printer", WRONG)
    assert device.register().code == Status.NOT_AUTHORIZED
    device.client.authorization = basic("printer", code(service))
    reply = device.register()
    assert reply.code == Status.OK
    secret = reply.get(tags.OPERATION, "http-credentials").removeprefix("Bearer ")
    device.client.authorization = basic("printer", secret)
    assert device.declare() == Status.OK
    for wrong in ("Basic !", "Basic " + base64.b64encode(b"\xff:\xff").decode(), "Digest x", "Bearer", "x"):
        device.client.authorization = wrong
        with pytest.raises(NotIpp) as refused:
            device.declare()
        assert refused.value.status == 401


def test_a_challenge_says_which_schemes_are_known(service: Service) -> None:
    import http.client

    device = Device(service.uri)
    message = device.client.message(Operation.UPDATE_OUTPUT_DEVICE_ATTRIBUTES)
    message.groups[0].put(Attribute("output-device-uuid", tags.URI, device.uuid))
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    connection.request("POST", "/", message.encode(), {"Content-Type": "application/ipp"})
    answer = connection.getresponse()
    assert answer.status == 401
    assert {one.split()[0] for one in (answer.getheader("WWW-Authenticate") or "").split(", ")} >= {
        "Bearer",
        "Basic",
    }
    connection.close()
