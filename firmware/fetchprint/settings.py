"""What a configuration means: places, profiles, drivers. ``config`` checks it and goes; ``build`` needs this
part of it, too."""

from fetchprint.errors import LocalError

_PORTS = {"ipp": 631, "ipps": 631, "http": 80, "https": 443}  # RFC 8010 section 4, RFC 7472
_LOOPBACK = ("localhost", "[::1]")

PROFILES = ("infra", "mobile")
OWN_CODE = "own-code"  # of ``register``: the device makes the code


class ConfigError(LocalError):
    """What is wrong, at which key, and what is expected."""


class ServiceURI:
    """An ``ipp:``, ``ipps:``, ``http:`` or ``https:`` URI in its parts."""

    def __init__(self, uri: str):
        """Raises ConfigError for anything but scheme://host[:port]/path."""
        if not isinstance(uri, str):
            raise ConfigError("a service URI is a text, found %r" % (uri,))
        self.uri = uri
        scheme, found, rest = uri.partition("://")
        if not found or scheme not in _PORTS:
            raise ConfigError("service URI %r: the scheme must be ipps, https, ipp or http" % uri)
        authority, _, path = rest.partition("/")
        for c in uri:
            if not " " < c < "\x7f":
                raise ConfigError("service URI %r has a blank or control character" % uri)
        if "@" in authority:
            raise ConfigError("service URI %r: credentials do not belong in it" % uri)
        host, number = authority, ""
        at = authority.rfind(":")
        if at > authority.rfind("]"):
            host, number = authority[:at], authority[at + 1 :]
        if not host or len(host) > 255:
            raise ConfigError("service URI %r has no host" % uri)
        if at > authority.rfind("]") and not (number.isdigit() and 0 < int(number) < 65536):
            raise ConfigError("service URI %r: the port must be 1 to 65535" % uri)
        self.secure = scheme[-1] == "s"  # over TLS
        self.host = host
        self.port = int(number) if number else _PORTS[scheme]
        self.path = "/" + path

    @property
    def private(self) -> bool:
        """Nobody can listen: it is over TLS, or to a service on this very machine."""
        return self.secure or self.host in _LOOPBACK or self.host.startswith("127.")

    def printer_uri(self) -> bytes:
        """The same place as an ``ipp:`` or ``ipps:`` URI with its port: printer-uri (PWG 5100.12)."""
        scheme = "ipps" if self.secure else "ipp"
        return ("%s://%s:%d%s" % (scheme, self.host, self.port, self.path)).encode()


def service_key(service) -> str:
    """What the records of a service are kept under, wherever it stands in the list: its profile and
    the FNV-1a digest (32 bits) of its printer-uri, with TLS or without."""
    digest = 0x811C9DC5
    for b in printer_uri(service).replace(b"ipps:", b"ipp:"):
        digest = ((digest ^ b) * 0x01000193) & 0xFFFFFFFF
    return "%s-%08x" % (service.get("profile", PROFILES[0]), digest)


def printer_uri(service) -> bytes:
    """printer-uri of its requests."""
    return ServiceURI(service.get("printer-uri", service["uri"])).printer_uri()


def registers(service) -> bool:
    """Whether identity and credentials are to come from the service."""
    return bool(service.get("register") or service.get("code"))


def driver_setup(name: str):
    """The module with the ``SETTINGS`` and the ``make(settings, port)`` of a driver: that of
    ``fetchprint/engine/NAME_setup.py``, or of a vendor's own module when the name has a dot.

    SETTINGS maps each key to its default. A positive int, a bool or a str there tells the type;
    a tuple lists the choices, the default first; the type ``str`` stands for a text that is required.
    """
    module = name if "." in name else "fetchprint.engine.%s_setup" % name
    try:
        return __import__(module, None, None, ("make",))
    except ImportError:
        raise ConfigError("engine.driver: there is no driver %r (module %s)" % (name, module))
