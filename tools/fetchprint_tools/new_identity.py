"""A key and a certificate request for a printer that has none."""

from __future__ import annotations

import uuid
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from fetchprint_tools import pki
from fetchprint_tools.errors import UserError
from fetchprint_tools.printservice.authority import Authority

KEY, REQUEST, CERTIFICATE = "key.der", "printer.csr", "device.der"
_DAYS = 825


def make(folder: Path, authority: Path | None, given: str | None = None) -> str:
    """KEY and REQUEST in ``folder``, and with that of an ``authority``, made if it is absent, CERTIFICATE.
    Returns the printer's uuid, a new one unless it is ``given``. Raises UserError."""
    identity = given or uuid.uuid4().urn
    if not identity.startswith("urn:uuid:") or len(identity) != 45:
        raise UserError("expected urn:uuid: and 36 characters", where=f"--uuid {identity}")
    if (folder / KEY).exists():
        raise UserError("there is a key already", where=str(folder), hint="give another folder")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = pki.new_key()
    pki.write(folder / KEY, pki.key_der(key), 0o600)
    pki.write(folder / REQUEST, pki.make_request(key, identity), 0o644)
    if authority is not None:
        secret, own = Authority(authority, authority.name).own()
        made = pki.certify_device(secret, own, key.public_key(), identity, _DAYS)
        pki.write(folder / CERTIFICATE, made.public_bytes(serialization.Encoding.DER), 0o644)
    return identity
