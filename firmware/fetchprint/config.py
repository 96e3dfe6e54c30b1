"""The configuration: one JSON file, checked whole before anything starts.

    {"name": "Till 3",
     "services": [{"uri": "ipp://print.example:631/ipp/print/infra", "profile": "infra"}],
     "transport": "native",
     "engine": {"driver": "escpos", "device": "/dev/ttyUSB0", "width": 576, "buffer": 4096},
     "document": {"halftone": "error-diffusion", "align": "left"},
     "state": "/var/lib/fetchprint"}

A service may also have ``printer-uri`` (what its requests name, where that is not the ``uri`` that is
connected to), ``uuid`` (else one is made and kept) and ``authorization`` (the value of the HTTP field), or
``authorization-file``, a file with it, which is read again when the service refuses what it held.
To get identity and credentials from it instead: ``code``, the one-time code that it shows, or ``register``
true where it asks for none; or ``register`` "own-code": this device makes a code and prints it, and it is
entered there; ``csr``, the path of a certificate request in PEM to be signed; ``system-uri``
where INFRA registers (else ``/ipp/system`` on the same host). What comes back is kept; a new code registers
again.

A service over TLS (``ipps`` or ``https``) has ``tls``: whom it is taken for, and who this device is to it
(docs/tls.md):

    "tls": {"ca": "/tls/ca.der", "pin": "sha256//...", "cert": "/tls/device.der", "key": "/tls/key.der"}

``ca`` or ``pin`` or both, each one or a list; ``key`` with ``cert``, or with the ``csr`` that the certificate
comes back for. Credentials only go over TLS, or to a service on this very machine.

Documents that a job only refers to (Print-URI) are fetched where this says so (docs/mobile-operations.md
7.4):

    "references": {"schemes": ["https"], "hosts": ["files.example", "10.0.0.9:8443"],
                   "tls": {"ca": "/tls/files.der"}, "private": false, "most-octets": 67108864}

No other hosts and ports are asked. ``private``: also addresses of private networks and this device. ``tls``
goes with ``https`` and is for all the hosts; they are shown no client certificate.
"""

from fetchprint import document_setup
from fetchprint.settings import OWN_CODE, registers, service_key
from fetchprint.settings import PROFILES as PROFILES
from fetchprint.settings import ConfigError as ConfigError
from fetchprint.settings import ServiceURI as ServiceURI
from fetchprint.settings import driver_setup as driver_setup

# Each has two connections, and one document may come by reference: 9 of the 10 sockets of an ESP32.
MAX_SERVICES = 4

_KEYS = ("name", "services", "transport", "engine", "document", "state", "references")
_TLS_KEYS = ("ca", "pin", "cert", "key")
_REFERENCE_KEYS = ("schemes", "hosts", "private", "most-octets", "tls")
SERVICE_KEYS = (
    "uri",
    "profile",
    "printer-uri",
    "uuid",
    "authorization",
    "authorization-file",
    "register",
    "code",
    "csr",
    "system-uri",
    "tls",
)


def check(config) -> None:
    """Raise ConfigError unless ``config`` (from JSON) has all that is needed and nothing unknown."""
    _check_keys(config, _KEYS, ("services", "engine", "state"), "configuration")
    services = config["services"]
    if not isinstance(services, list):
        raise ConfigError("services: expected a list of services")
    for i, service in enumerate(services):
        _check_service(service, "services[%d]" % i)
    _check_choice(config, "transport", ("native", "adafruit"), "transport")
    check_services(config)
    if "references" in config:
        check_references(config["references"])
    _check_engine(config["engine"])
    _check_settings(config.get("document", {}), document_setup.SETTINGS, "document")


def check_services(config) -> None:
    """Raise ConfigError unless the services, each of which is right by itself, can be served at once."""
    services = config["services"]
    if not 1 <= len(services) <= MAX_SERVICES:
        raise ConfigError("services: expected 1 to %d, found %d" % (MAX_SERVICES, len(services)))
    if config.get("transport") == "adafruit":
        if len(services) > 1:
            raise ConfigError("transport: adafruit blocks while a service is slow, so it can serve only one")
        if registers(services[0]):
            raise ConfigError("transport: only native can register")
    known = {}
    for i, service in enumerate(services):
        for key, what in ((service_key(service), "service"), (service.get("uuid"), "uuid")):
            if key and known.setdefault(key, i) != i:
                raise ConfigError("services[%d]: the same %s as services[%d]" % (i, what, known[key]))


def check_references(rules) -> None:
    """Raise ConfigError unless these rules for documents that come by reference are complete and right."""
    _check_keys(rules, _REFERENCE_KEYS, ("schemes", "hosts"), "references")
    schemes = rules["schemes"]
    if schemes not in (["https"], ["http"], ["https", "http"], ["http", "https"]):
        raise ConfigError('references.schemes: expected ["https"], ["http"] or both')
    if "https" in schemes:
        _check_trust(rules.get("tls", {}), ("ca", "pin"), "references.tls")
    elif "tls" in rules:
        raise ConfigError("references.tls: only with the scheme https")
    hosts = rules["hosts"]
    for host in hosts if isinstance(hosts, list) and hosts else [None]:
        if not isinstance(host, str) or not host or host != host.lower() or "/" in host or "@" in host:
            raise ConfigError(
                "references.hosts: expected a list of names in lower case, with :port where it is not the"
                " scheme's own, found %r" % (host,)
            )
    if not isinstance(rules.get("private", False), bool):
        raise ConfigError("references.private: expected true or false")
    most = rules.get("most-octets", 1)
    if not isinstance(most, int) or isinstance(most, bool) or not 1 <= most < 1 << 30:
        raise ConfigError("references.most-octets: expected a number from 1 to %d" % ((1 << 30) - 1))


def _check_service(service, where):
    _check_keys(service, SERVICE_KEYS, ("uri",), where)
    for key in ("uri", "printer-uri"):
        if key in service:
            try:
                ServiceURI(service[key])
            except ConfigError as error:
                raise ConfigError("%s.%s: %s" % (where, key, error))
    _check_choice(service, "profile", PROFILES, where + ".profile")
    _check_registration(service, where)
    uuid = service.get("uuid", "urn:uuid:00000000-0000-0000-0000-000000000000")
    if not isinstance(uuid, str) or len(uuid) != 45 or not uuid.startswith("urn:uuid:"):
        raise ConfigError("%s.uuid: expected urn:uuid: and 36 characters, found %r" % (where, uuid))
    secret = service.get("authorization", "Basic -")
    if not isinstance(secret, str) or secret[: secret.find(" ") + 1] not in ("Basic ", "Bearer "):
        # It is not shown: it may be the secret, with only the scheme forgotten.
        raise ConfigError("%s.authorization: expected Basic or Bearer, a blank and the credentials" % where)
    check_tls(service, where)


def check_tls(service, where) -> None:
    """Raise ConfigError unless the service can be known when it is met over TLS, and no secret goes to it
    otherwise."""
    uri = ServiceURI(service["uri"])
    if not uri.private:
        for key in ("authorization", "authorization-file", "code", "csr"):
            if key in service:
                raise ConfigError("%s.%s: credentials only go over TLS: the URI must be ipps" % (where, key))
    if "tls" not in service:
        if uri.secure:
            raise ConfigError(
                "%s.tls: is missing: give ca, the CA of the service, or pin, the digest of its key" % where
            )
        return
    where += ".tls"
    tls = service["tls"]
    if not uri.secure:
        raise ConfigError("%s: only with a URI that begins with ipps or https" % where)
    _check_trust(tls, _TLS_KEYS, where)
    if "cert" in tls and "key" not in tls:
        raise ConfigError("%s.key: is missing: the private key that cert is for" % where)
    if "key" in tls and "cert" not in tls and "csr" not in service:
        raise ConfigError(
            "%s.cert: is missing: the certificate for key, or csr beside tls to get one" % where
        )


def _check_trust(tls, keys, where):
    _check_keys(tls, keys, (), where)
    for key in tls:
        values = tls[key] if isinstance(tls[key], list) and key in ("ca", "pin") else [tls[key]]
        for value in values or [None]:
            if not isinstance(value, str) or not value:
                what = "sha256//..." if key == "pin" else "the path of a file"
                raise ConfigError("%s.%s: expected %s, found %r" % (where, key, what, value))
            if key == "pin" and not (len(value) == 52 and value[:8] == "sha256//") and len(value) != 64:
                raise ConfigError(
                    "%s.pin: expected sha256// and 44 characters of base64, or 64 hexadecimal digits" % where
                )
    if "ca" not in tls and "pin" not in tls:
        raise ConfigError("%s: needs ca, the CA of the service, or pin, the digest of its key" % where)


def _check_engine(engine):
    if not isinstance(engine, dict) or not isinstance(engine.get("driver"), str):
        raise ConfigError("engine: expected an object with a driver")
    settings = driver_setup(engine["driver"]).SETTINGS
    _check_settings(engine, settings, "engine", ("driver",))


def _check_settings(table, settings, where, others=()):
    needed = [key for key in settings if settings[key] is str]
    _check_keys(table, others + tuple(settings), needed, where)
    for key, value in table.items():
        if key in others:
            continue
        default = settings[key]
        if isinstance(default, tuple):
            good, what = value in default, "one of " + ", ".join([str(choice) for choice in default])
        elif default is str or isinstance(default, str):
            good, what = isinstance(value, str) and value != "", "a text"
        elif isinstance(default, bool):
            good, what = isinstance(value, bool), "true or false"
        else:
            good = isinstance(value, int) and not isinstance(value, bool) and value > 0
            what = "a number above 0"
        if not good:
            raise ConfigError("%s.%s: expected %s, found %r" % (where, key, what, value))


def _check_registration(service, where):
    if service.get("register", False) not in (True, False, OWN_CODE):
        raise ConfigError("%s.register: expected true, false or %s" % (where, OWN_CODE))
    if "code" in service and service.get("register") == OWN_CODE:
        raise ConfigError("%s: either code or a code that this device makes" % where)
    code = service.get("code", "AAAAAAAA")
    if not isinstance(code, str) or not 8 <= len(code) <= 63:
        raise ConfigError("%s.code: expected a text of 8 to 63 characters" % where)
    for key in ("csr", "authorization-file"):
        if not isinstance(service.get(key, ""), str):
            raise ConfigError("%s.%s: expected the path of a file" % (where, key))
    if "authorization" in service and "authorization-file" in service:
        raise ConfigError("%s: either authorization or authorization-file" % where)
    if not registers(service):
        for key in ("csr", "system-uri"):
            if key in service:
                raise ConfigError("%s.%s: only with a code, or with register true" % (where, key))
    elif "authorization" in service or "authorization-file" in service:
        raise ConfigError("%s: either authorization or a registration" % where)
    if "system-uri" in service:
        own, system = ServiceURI(service["uri"]), ServiceURI(service["system-uri"])
        if (own.host, own.port, own.secure) != (system.host, system.port, system.secure):
            raise ConfigError("%s.system-uri: host and port must be those of uri, and TLS too" % where)


def _check_keys(table, known, needed, where):
    if not isinstance(table, dict):
        raise ConfigError("%s: expected an object" % where)
    for key in table:
        if key not in known:
            raise ConfigError("%s: unknown key %r; known are %s" % (where, key, ", ".join(known)))
    for key in needed:
        if key not in table:
            raise ConfigError("%s: %r is missing" % (where, key))


def _check_choice(table, key, choices, where):
    if table.get(key, choices[0]) not in choices:
        raise ConfigError("%s: expected one of %s, found %r" % (where, ", ".join(choices), table[key]))
