"""The job journal on a real littlefs, its device copied at each program and erase: power fails there."""

from __future__ import annotations

import pytest

from fetchprint.proxy.journal import Journal
from fetchprint_tools.simulate.littlefs_store import ESP32, RP2, Flash, Store
from fetchprint_tools.simulate.wear import print_jobs

NAME = "infra-0123abcd"


class Log:
    def event(self, kind, **fields):
        raise AssertionError(fields)


class Watched(Store):
    """Notes what every record was before each save: ``states`` grows by one as a save ends."""

    states: list[dict[str, bytes]]

    def save(self, name, data):
        super().save(name, data)
        self.states.append({**self.states[-1], name: bytes(data)})


@pytest.mark.parametrize("geometry", [RP2, ESP32], ids=lambda one: one.name)
def test_power_may_fail_at_each_program_and_erase(geometry):
    flash = Flash()
    store = Watched(flash, geometry, True)
    store.states = [{}]
    images = {}
    flash.watch = lambda image: images.setdefault(image, len(store.states) - 1)
    print_jobs(Journal(store, NAME, Log()), 1, 18)
    flash.watch = None
    assert len(images) > 300 and flash.erases > 10
    for image, done in images.items():
        again = Store(Flash(image), geometry, False)
        found = {name: again.load(name) for name in again.names() if not name.endswith(".new")}
        assert found in store.states[done : done + 2], done
        Journal(again, NAME, Log())  # it is whole: nothing is told


def test_the_erases_of_a_job_are_few():
    flash = Flash()
    print_jobs(Journal(Store(flash, RP2, True), NAME, Log()), 1, 40)
    assert flash.erases < 40 * 3
