"""Builds the parts from a checked configuration. Every buffer of the firmware is made here, once."""

import json

from fetchprint import document_setup
from fetchprint.ipp.decoder import Decoder
from fetchprint.log import Log
from fetchprint.port.native import micropython
from fetchprint.proxy.device import Device
from fetchprint.proxy.exchange import Exchange
from fetchprint.proxy.journal import Journal
from fetchprint.proxy.loop import Loop
from fetchprint.proxy.session import Session
from fetchprint.proxy.turns import Turns
from fetchprint.settings import (
    OWN_CODE,
    PROFILES,
    ConfigError,
    ServiceURI,
    driver_setup,
    printer_uri,
    registers,
    service_key,
)

const = micropython.const

# Octets of the longest request that is encoded at once: printer-state with every reason, twice, without the
# URI; and of a request's head without path, host and credentials.
_BODY = const(900)
_HEAD = const(200)
_NEW_CREDENTIALS = const(256)  # octets by which credentials that come later may be longer
_WHOLE = const(4096)  # adafruit sends a request whole; the longest says what the device is
_CERTIFICATE = const(4096)  # octets of a certificate with its chain, in PEM
_DOCUMENTS_RX = const(1460)  # one TCP segment
_SHARED_RX = const(736)  # half of one, where several services share the heap
_SIDE_RX = const(256)


def loop(config, port) -> Loop:
    """The whole firmware, ready to run. ``config`` has passed ``config.check``."""
    port.collect()  # importing leaves holes; the buffers want long stretches
    log = Log(port.write_line)
    store = port.store(config["state"])
    clients, fetching = _secured(config, port, store)  # first: they want the longest stretches
    engine = _engine(config["engine"], port)
    pipe = document_setup.make(_whole(config.get("document", {}), document_setup.SETTINGS), engine)
    device = Device(engine, pipe, log)
    if port.identify:
        device.light = port.identify
        if b"flash" not in engine.identify_actions:
            engine.identify_actions += (b"flash",)
    if "references" in config:
        device.reference = _reference(config["references"], port, fetching)
    sessions = []
    for service, client in zip(config["services"], clients):
        sessions.append(_session(config, service, client, port, store, device))
    device.turns = Turns(device, sessions)
    result = Loop(port, device, sessions, log)
    for session in sessions:
        for connection in session.connections:
            if config.get("transport") == "adafruit":  # it blocks: the engine is kept going meanwhile
                connection.idle = result.meanwhile
    return result


def _secured(config, port, store):
    """What takes the port's place to connect, for each service that is over TLS, None for the others; and
    the same for documents that come by reference."""
    clock = None

    def secured(settings, host, connections):
        nonlocal clock
        from fetchprint.port.trust import Clock, Trust  # code costs memory

        if clock is None:
            clock = Clock(store, None, port.set_clock)
            if clock.unset and port.set_clock:
                port.ask_time(clock.told)
        return port.secure(Trust(settings, clock, host), connections)

    clients = []
    for service in config["services"]:
        uri = ServiceURI(service["uri"])
        client = None
        if uri.secure:
            client = secured(service["tls"], uri.host, 2)
            name = service_key(service)
            known = _record(store, name + "-identity.json")
            certificate = store.load(name + "-certificate.pem")
            # With a new code there may be a new key, too: then both come anew.
            if certificate and "csr" in service and known and known.get("code") == service.get("code", ""):
                client.present(certificate)
        clients.append(client)
    references = config.get("references", {})
    return clients, secured(references["tls"], "", 1) if "tls" in references else None


def _engine(settings, port):
    setup = driver_setup(settings["driver"])
    return setup.make(_whole(settings, setup.SETTINGS), port)


def _whole(given, settings):
    """What is given, and the defaults for the rest."""
    whole = {}
    for key, default in settings.items():
        whole[key] = given.get(key, default[0] if isinstance(default, tuple) else default)
    return whole


def _session(config, service, client, port, store, device):
    uri = ServiceURI(service["uri"])
    name = service_key(service)
    kept = _record(store, name + "-identity.json")
    if not registers(service) or kept is None or kept.get("code") != service.get("code", ""):
        kept = {}
    known = bool(kept) or store.load(name + "-uuid.json") is not None
    uuid = kept.get("uuid") or service.get("uuid") or _uuid(store, name, port)
    log = Log(port.write_line, uri.uri)
    authorization = kept.get("authorization") or service.get("authorization")
    if "authorization-file" in service:
        from fetchprint.proxy.renewal import Renewal  # code costs memory

        renewal = Renewal(service["authorization-file"], uri.path)
        authorization = renewal.read()
    if authorization and not uri.private:
        raise ConfigError("%s: the credentials that are kept for it only go over TLS: use ipps" % uri.uri)
    connect = _connector(config, port, (client or port).connect, uri, authorization)
    profile = _profile(service.get("profile", "infra"))
    port.collect()
    identity = profile.Identity(printer_uri(service), uuid.encode())
    room = _HEAD + _BODY + 2 * len(identity.printer_uri) + len(authorization or "")
    values = profile.Control.value_window
    names = profile.Control.name_window
    if "authorization-file" in service or registers(service):
        room += _NEW_CREDENTIALS
        values = max(values, _NEW_CREDENTIALS)
    whole = _WHOLE if config.get("transport") == "adafruit" else room
    infra = service.get("profile", PROFILES[0]) == "infra"  # which describes the device where documents come
    documents_tx = bytearray(whole if infra else room)
    side_tx = bytearray(room if infra else whole)
    alone = len(config["services"]) == 1
    documents = connect(documents_tx, bytearray(_DOCUMENTS_RX if alone else _SHARED_RX))
    side = connect(side_tx, bytearray(_SIDE_RX))
    reference = profile.Control.reference_window if device.reference else 0
    session = Session(
        profile,
        uri.uri,
        config.get("name", "fetchprint").encode(),
        identity,
        Exchange(documents, documents_tx, Decoder(max(values, reference), names)),
        Exchange(side, side_tx, Decoder(values, names)),
        device,
        Journal(store, name, log, known),
        port.random,
        log,
    )
    session.connections = (documents, side)
    if "authorization-file" in service:
        session.renewal = renewal
    session.registered = bool(kept)
    if registers(service) and not kept:
        session.registration = _registration(service, uri, client, session, store, name, port)
    return session


def _registration(service, uri, client, session, store, name, port):
    """What the session does first. The certificate request is read here, so that a wrong path is told."""
    from fetchprint.proxy.registration import Records, Registration
    from fetchprint.service import registration

    given = code = service.get("code", "")
    own = None
    if service.get("register") == OWN_CODE:
        from fetchprint.proxy.own_code import OwnCode  # code costs memory

        own = OwnCode(session, port.random)
        code = own.code
    pem = b""
    if "csr" in service:
        with open(service["csr"], "rb") as file:
            pem = file.read()
    infra = service.get("profile", PROFILES[0]) == "infra"
    who = session.identity
    engine = session.device.engine
    if infra:
        place = "http%s://%s:%d/ipp/system" % ("s" if uri.secure else "", uri.host, uri.port)
        system = ServiceURI(service.get("system-uri") or place)
        path = system.path
        target = system.printer_uri()

        def put(enc):
            return registration.register_output_device(enc, who, target, code.encode(), pem)
    else:
        path = uri.path

        def put(enc):
            return registration.register_printer(enc, who, engine, session.name, code.encode(), pem)

    exchange = session.control.documents if infra else session.watch.exchange
    exchange.encoder.piece(put, 0)  # what is no certificate request is told at once
    reply = registration.Registration(bytearray(_CERTIFICATE) if pem else None, infra)
    records = Records(store, name)
    paths = (path, uri.path)
    once = infra and not code
    result = Registration(session, exchange, port.random, records, given, put, reply, paths, once)
    result.own = own
    result.private = uri.private
    if client is not None and "key" in service["tls"]:
        result.present = client.present
    return result


def _profile(name):
    """The module with the states of a profile. Only those in use are imported: code costs memory."""
    return __import__("fetchprint.proxy.%s.profile" % name, None, None, ("Control",))


def _connector(config, port, dial, uri, authorization):
    """How to make a connection: ``f(tx, rx)``. Only the transport in use is imported: code costs memory."""
    if config.get("transport", "native") == "adafruit":
        from fetchprint.http import adafruit

        return lambda tx, rx: adafruit.Connection(
            dial, uri.host, uri.port, uri.path, tx, rx, authorization, clock=port.now, wait=port.wait
        )
    from fetchprint.http import client

    return lambda tx, rx: client.Connection(dial, uri.host, uri.port, uri.path, tx, rx, authorization)


def _reference(settings, port, client):
    from fetchprint.http.reference import Reference
    from fetchprint.http.rules import Rules

    rules = Rules(settings["schemes"], settings["hosts"], settings.get("private", False))
    secure = client and client.connect
    return Reference(port.connect, rules, settings.get("most-octets", 0), secure)


def _record(store, key):
    """A record of the store, None if there is none. Raises ConfigError when it is unreadable."""
    kept = store.load(key)
    if kept is None:
        return None
    try:
        record = json.loads(kept)
    except ValueError:
        record = None
    if not isinstance(record, dict) or not record.get("uuid"):
        raise ConfigError("the record %s in the state is unreadable: remove it to begin anew" % key)
    return record


def _uuid(store, name, port):
    """output-device-uuid for this service: random (RFC 4122 4.4), made once and kept."""
    key = name + "-uuid.json"
    kept = _record(store, key)
    if kept is not None:
        return kept["uuid"]
    b = bytearray(port.random(16))
    b[6] = b[6] & 0x0F | 0x40
    b[8] = b[8] & 0x3F | 0x80
    text = "urn:uuid:"
    for i in range(16):
        text += ("-%02x" if i in (4, 6, 8, 10) else "%02x") % b[i]
    store.save(key, json.dumps({"uuid": text}).encode())
    return text
