"""Credentials that somebody else keeps fresh: the file ``authorization-file`` of a service holds the value of
the HTTP Authorization field, such as a token that ends, and is read again when the service answers 401."""

from fetchprint.errors import LocalError

_MAX = 2048  # characters; the request's head must fit its buffer besides


class Renewal:
    """``used`` is set from the time that new credentials were tried until they were taken, so that they are
    tried once without a pause."""

    def __init__(self, path: str, target: str):
        """``path`` of the file; ``target``: the path of the service's URI."""
        self.used = False
        self._path = path
        self._target = target
        self._value = ""

    def read(self) -> str:
        """The credentials. Raises LocalError, which does not show them."""
        try:
            with open(self._path) as file:
                value = file.read(_MAX + 1).strip()
        except OSError as error:
            raise LocalError("authorization-file: %s cannot be read: %s" % (self._path, error))
        if len(value) > _MAX or value[: value.find(" ") + 1] not in ("Basic ", "Bearer "):
            raise LocalError(
                "authorization-file: %s: expected Basic or Bearer, a blank and the credentials" % self._path
            )
        self._value = value
        return value

    def renew(self, session) -> bool:
        """The credentials were refused. Whether there are others now, which have not been tried at once
        before; they are used from now on."""
        before = self._value
        try:
            value = self.read()
        except LocalError as error:
            session.log.event("error", message=str(error))
            return False
        if value == before:
            return False
        for exchange in (session.control.documents, session.watch.exchange):
            exchange.aim(self._target, value)
        first = not self.used
        self.used = True
        return first
