"""Secrets of devices: made, hashed, and found again in the HTTP Authorization field.

Only a hash is kept. A secret has 256 random bits, so a plain SHA-256 does: there is nothing to guess.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from fetchprint_tools.printservice.device import OutputDevice
from fetchprint_tools.printservice.devices import Devices

_SECRET_OCTETS = 32

CHALLENGE = 'Bearer realm="fetchprint", Basic realm="fetchprint", charset="UTF-8"'
"""WWW-Authenticate."""


def presented(authorization: str | None) -> str:
    """The secret in an Authorization field: a Bearer token, or the password of Basic; perhaps empty."""
    scheme, _, value = (authorization or "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        pair = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return pair.partition(":")[2]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


class Credentials:
    """Which device a secret belongs to."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices

    def owner(self, secret: str) -> OutputDevice | None:
        """The device; with the newest of its secrets the earlier ones are void."""
        if not secret:
            return None
        given = _hash(secret)
        for device in self._devices:
            for known in device.secrets:
                if hmac.compare_digest(known, given):
                    if known == device.secrets[-1] and len(device.secrets) > 1:
                        self._devices.set_secrets(device, [known])
                    return device
        return None

    def issue(self, device: OutputDevice, keep: str = "") -> str:
        """A new http-credentials. The earlier are void, except the secret ``keep`` until the new one is used:
        the answer may be lost."""
        secret = secrets.token_urlsafe(_SECRET_OCTETS)
        kept = _hash(keep)
        earlier = [known for known in device.secrets if known == kept]
        self._devices.set_secrets(device, [*earlier, _hash(secret)])
        return f"Bearer {secret}"
