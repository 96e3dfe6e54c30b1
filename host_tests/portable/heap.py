"""``with locked():`` no memory may be allocated on MicroPython; on CPython the same steps run freely."""

try:
    from micropython import heap_lock, heap_unlock

    LOCKS = True
except ImportError:
    LOCKS = False

    def heap_lock():
        """CPython's heap cannot be locked."""

    heap_unlock = heap_lock


class _Locked:
    def __enter__(self):
        heap_lock()

    def __exit__(self, kind, error, trace):
        heap_unlock()


_LOCKED = _Locked()


def locked():
    """A context in which allocating raises MemoryError (MicroPython only). Not to be nested."""
    return _LOCKED
