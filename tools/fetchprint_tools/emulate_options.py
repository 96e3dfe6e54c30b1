"""What ``fetchprint emulate`` refuses before anything starts: wrong URIs, widths, configuration files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from fetchprint import document_setup
from fetchprint.config import MAX_SERVICES as MAX_SERVICES
from fetchprint.config import PROFILES as PROFILES
from fetchprint.config import SERVICE_KEYS, ConfigError, check_references, check_tls, driver_setup
from fetchprint.config import check_services as check_together
from fetchprint.settings import OWN_CODE
from fetchprint_tools.engines import emulated
from fetchprint_tools.errors import UserError

SCHEMES = ("ipp", "ipps", "http", "https")
TRANSPORTS = ("native", "adafruit")
ENGINES = tuple(emulated.MODELS)
WIDTHS = (8, 8184)
"""Dots of a head, multiples of 8."""

_KEYS = ("name", "services", "transport", "engine", "document", "state", "references")

Member = tuple[str, int, Any, int]
"""Key, its place in the file, value, its place."""

_BLANK = re.compile(r"[ \t\n\r]*")


class OptionError(UserError):
    """A wrong option or configuration file: nothing was started. Exits with 2."""

    exit_code = 2


def check_uri(uri: str, where: str = "--service") -> str:
    """``uri`` if the firmware can go there, else OptionError saying what is wrong with it."""
    place = f"{where} {uri}"
    if any(character <= " " or character >= "\x7f" for character in uri):
        raise OptionError("the URI holds a space or a character that is not ASCII", where=place)
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError as error:
        raise OptionError(
            f"the URI is not valid: {error}", where=place, hint="a port is a number from 1 to 65535"
        ) from error
    if parts.scheme not in SCHEMES:
        raise OptionError(
            f"{parts.scheme} is no scheme of a print service" if parts.scheme else "the URI has no scheme",
            where=place,
            hint="give ipps://HOST[:PORT]/PATH (over TLS) or ipp://HOST[:PORT]/PATH",
        )
    if not parts.hostname:
        raise OptionError("the URI names no host", where=place, hint="give ipp://HOST[:PORT]/PATH")
    if port == 0 or parts.netloc.endswith(":"):
        raise OptionError("the URI has no valid port", where=place, hint="a port is a number from 1 to 65535")
    if parts.username is not None:
        raise OptionError("a user name in the URI is not supported", where=place)
    if parts.query or parts.fragment:
        raise OptionError("the URI of a print service has no query and no fragment", where=place)
    return uri


def parse_service(text: str) -> dict[str, Any]:
    """A service of the configuration from ``[PROFILE=]URI``."""
    profile, equals, uri = text.partition("=")
    if not equals or ":" in profile:
        return {"uri": check_uri(text)}
    if profile not in PROFILES:
        raise OptionError(
            f"{profile} is no profile", where=f"--service {text}", hint="known: " + ", ".join(PROFILES)
        )
    return {"uri": check_uri(uri), "profile": profile}


def check_services(config: dict[str, Any]) -> None:
    """OptionError unless the firmware can serve them all at once."""
    try:
        check_together(config)
    except ConfigError as error:
        raise OptionError(str(error)) from error


def check_width(width: int, where: str) -> int:
    if not WIDTHS[0] <= width <= WIDTHS[1] or width % 8:
        raise OptionError(
            f"a head of {width} dots cannot be emulated",
            where=where,
            hint=f"give a multiple of 8 from {WIDTHS[0]} to {WIDTHS[1]}",
        )
    return width


def read_config(path: Path) -> dict[str, Any]:
    """The configuration file at ``path``, checked; OptionError with file, line and column."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise OptionError(f"cannot read the configuration: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise OptionError(f"the configuration is not UTF-8 text: {error.reason}", where=str(path)) from error
    return _Checker(path, text).config()


class _Checker:
    """Says where in the file something is wrong, which Python's JSON reader forgets."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text
        self._decoder = json.JSONDecoder()

    def config(self) -> dict[str, Any]:
        try:
            json.loads(self._text)
        except json.JSONDecodeError as error:
            raise OptionError(
                f"the configuration is not valid JSON: {error.msg}",
                where=f"{self._path}, line {error.lineno}, column {error.colno}",
            ) from error
        except RecursionError as error:
            raise OptionError("the configuration is nested too deeply", where=str(self._path)) from error
        start = self._skip(0)
        result: dict[str, Any] = {}
        for key, at, value, value_at in self._members(start, "the configuration"):
            if key == "services":
                result[key] = self._services(value, value_at)
            elif key == "engine":
                result[key] = self._engine(value, value_at)
            elif key == "document":
                result[key] = self._settings(self._members(value_at, '"document"'), document_setup.SETTINGS)
            elif key == "transport":
                result[key] = self._choice(value, value_at, key, TRANSPORTS)
            elif key in ("name", "state"):
                result[key] = self._text_value(value, value_at, key)
            elif key == "references":
                try:
                    check_references(value)
                except ConfigError as error:
                    self._fail(str(error), value_at)
                result[key] = value
            else:
                self._unknown(key, at, _KEYS)
        return result

    def _services(self, value: object, at: int) -> list[dict[str, Any]]:
        if not isinstance(value, list) or not value:
            self._fail('"services" must be a list of services', at)
        services = []
        at = self._skip(at + 1)
        while self._text[at] != "]":
            services.append(self._service(at))
            _, end = self._decoder.raw_decode(self._text, at)
            at = self._skip(end)
            if self._text[at] == ",":
                at = self._skip(at + 1)
        return services

    def _service(self, at: int) -> dict[str, Any]:
        service: dict[str, Any] = {}
        tls_at = at
        for key, key_at, member, member_at in self._members(at, "a service"):
            if key in ("uri", "printer-uri", "system-uri"):
                uri = self._text_value(member, member_at, key)
                service[key] = check_uri(uri, f"{self._path}, {self._place(member_at)}:")
            elif key == "profile":
                service[key] = self._choice(member, member_at, key, PROFILES)
            elif key == "register":
                if member not in (True, False, OWN_CODE):
                    self._fail(f'"register" must be true, false or "{OWN_CODE}"', member_at)
                service[key] = member
            elif key == "tls":
                service[key] = member
                tls_at = member_at
            elif key in SERVICE_KEYS:
                service[key] = self._text_value(member, member_at, key)
            else:
                self._unknown(key, key_at, SERVICE_KEYS)
        if "uri" not in service:
            self._fail('a service needs a "uri"', at)
        if "tls" in service:
            try:
                check_tls(service, "service")
            except ConfigError as error:
                self._fail(str(error), tls_at)
        return service

    def _engine(self, value: object, at: int) -> dict[str, Any]:
        members = list(self._members(at, '"engine"'))
        engine: dict[str, Any] = {}
        for key, _, member, member_at in members:
            if key == "driver":
                engine[key] = self._choice(member, member_at, key, ENGINES)
        settings = driver_setup(engine.get("driver", ENGINES[0])).SETTINGS
        return engine | self._settings(members, settings, ("driver",))

    def _settings(
        self, members: Iterable[Member], settings: dict[str, Any], others: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, key_at, member, member_at in members:
            if key in others:
                continue
            if key not in settings:
                self._unknown(key, key_at, (*others, *settings))
            found[key] = self._setting(member, member_at, key, settings[key])
        return found

    def _setting(self, value: object, at: int, key: str, default: object) -> Any:
        """A driver's setting; what ``default`` means is said at ``fetchprint.config.driver_setup``."""
        if isinstance(default, tuple):
            return self._choice(value, at, key, default)
        if default is str or isinstance(default, str):
            return self._text_value(value, at, key)
        if isinstance(default, bool):
            if not isinstance(value, bool):
                self._fail(f'"{key}" must be true or false', at)
            return value
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            self._fail(f'"{key}" must be a whole number above 0', at)
        if key == "width":
            check_width(value, f"{self._path}, {self._place(at)}")
        return value

    def _members(self, start: int, what: str) -> Iterator[Member]:
        """Key, its place, value, its place, for the object at ``start`` of text known to be JSON."""
        if self._text[start] != "{":
            self._fail(f"{what} must be an object in braces", start)
        seen: set[str] = set()
        at = self._skip(start + 1)
        while self._text[at] != "}":
            key, end = self._decoder.raw_decode(self._text, at)
            value_at = self._skip(self._skip(end) + 1)
            value, end = self._decoder.raw_decode(self._text, value_at)
            if key in seen:
                self._fail(f'"{key}" stands here twice', at)
            seen.add(key)
            yield key, at, value, value_at
            at = self._skip(end)
            if self._text[at] == ",":
                at = self._skip(at + 1)

    def _skip(self, at: int) -> int:
        match = _BLANK.match(self._text, at)
        assert match is not None
        return match.end()

    def _text_value(self, value: object, at: int, key: str) -> str:
        if not isinstance(value, str) or not value:
            self._fail(f'"{key}" must be text', at)
        return value

    def _choice(self, value: object, at: int, key: str, known: tuple[str, ...]) -> str:
        if value not in known:
            self._fail(f'"{key}" must be {" or ".join(known)}', at)
        assert isinstance(value, str)
        return value

    def _unknown(self, key: str, at: int, known: tuple[str, ...]) -> NoReturn:
        self._fail(f'"{key}" is not known', at, "known here: " + ", ".join(known))

    def _fail(self, what: str, at: int, hint: str | None = None) -> NoReturn:
        raise OptionError(what, where=f"{self._path}, {self._place(at)}", hint=hint)

    def _place(self, at: int) -> str:
        line = self._text.count("\n", 0, at) + 1
        return f"line {line}, column {at - self._text.rfind(chr(10), 0, at)}"
