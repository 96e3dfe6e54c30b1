"""What a time server may do to the clock that certificates are judged by."""

from tls_client import Store

from fetchprint import RELEASED
from fetchprint.port.trust import Clock

_2021 = 1609459200  # where the clock of a board begins


class Certificate:
    not_before = "20270101000000"


def clock(now=_2021):
    store, sets = Store(), []
    made = Clock(store, lambda: now, sets.append)
    del sets[:]  # the floor, at the start
    return made, store, sets


def test_a_time_server_sets_a_clock_that_is_not_set():
    made, _, sets = clock()
    assert made.unset
    assert made.told("20270601120000")
    assert sets == ["20270601120000"] and not made.unset
    assert not made.told("20280601120000") and len(sets) == 1, "only once"


def test_a_time_before_the_floor_is_not_believed():
    made, _, sets = clock()
    assert not made.told("20250101000000") and not sets and made.unset
    assert made.read() == RELEASED


def test_a_clock_that_is_set_is_left_alone():
    made, _, sets = clock(now=1830297600)  # 2028
    assert not made.unset and not made.told("20290101000000") and not sets


def test_the_floor_rises_to_what_a_certificate_proves_and_no_further():
    """Whoever answers for a time server could otherwise put a device out of service for years."""
    made, store, _ = clock()
    made.told("20370601120000")
    made.good(Certificate)
    assert made.floor == Certificate.not_before and store.records["clock.json"] == b"20270101000000"
