"""Runs the rows of a table against one device, one after the other, an honest job behind each."""

import sys

import hostile_table
from hostile_device import LONGEST_MS, MICROPYTHON, MOST_OCTETS, Printer, used
from hostile_service import ABORTED as STATE_ABORTED
from hostile_service import CANCELED, COMPLETED, PWG, SUBSCRIBE, UPDATE_ACTIVE, UPDATE_DEVICE, Service, honest
from hostile_table import ABORTED, FORGOTTEN, HALF, LOST, UNASKED

_START = (UPDATE_DEVICE, UPDATE_ACTIVE, SUBSCRIBE)

TRACED = not MICROPYTHON and sys.gettrace() is not None
"""Whether a tracer (of coverage) runs, whose tables lie in the same memory: nothing is said of it then."""

KEPT = 1024 if MICROPYTHON else 64
"""What may be in use after one attack beyond what was before: octets there, blocks on CPython. ``let_go``
comes first: of 16 kB that seemed to stay after some attacks none was the device's. A line of the log is 100
to 250 octets, and the port keeps 60; a connection that the device has closed still had its answer, up to
13 kB. Without these, 576 octets on MicroPython was the most of any attack: a larger table of the requests
that the service counts. All of a table together may leave GROWN a row: the journal's ends in the simulated
flash take eight octets a job, two jobs an attack, and the octets objects around them."""
GROWN = 32 if MICROPYTHON else 1


def let_go(printer, service):
    """Drop what only those hold that attack and watch: lines of the log, answers on closed connections."""
    del printer.port.lines[:]
    service.wires = [wire for wire in service.wires if not wire.closed]
    for wire in service.wires:
        wire.forget()


def attack(printer, service, row, seed):
    """One attack and the honest job after it; fails when the device does not behave."""
    data, lines = honest(seed)
    port = printer.port
    printer.until(lambda: printer.waiting, "waiting")
    del port.lines[:]
    printer.blank()
    victim = service.add(data if row.data is None else row.data, row.mime or PWG)
    if row.setup:
        row.setup(service, victim)
    service.attack(row.at, row.answer, row.times)
    if row.at in _START:
        if row.at == SUBSCRIBE:
            service.subscription += 1
        service.hang_up()
    if row.end == FORGOTTEN:
        printer.until(lambda: not service.left and printer.said(row.says) and printer.idle, "given up")
    else:
        printer.until(
            lambda: not service.left and victim.state >= CANCELED and printer.idle, "over", 4 * 3600
        )
        assert printer.said(row.says), "not said: %r in %r" % (row.says, port.lines)
    if row.end in (ABORTED, HALF, UNASKED):
        assert row.end != UNASKED or not service.targets, service.targets
        assert victim.state == STATE_ABORTED, victim.state
        assert row.end == HALF or printer.paper.count == printer.paper.text_n == 0, "paper moved"
        assert victim.message and all(" " <= c <= "~" for c in victim.message), victim.message
    elif row.end in (hostile_table.CANCELED, hostile_table.COMPLETED):
        assert victim.state == (CANCELED if row.end == hostile_table.CANCELED else COMPLETED)
    elif row.end != FORGOTTEN:
        assert victim.state == COMPLETED, (victim.state, victim.message)
        assert printer.shows(lines), "not printed once: %d octets" % printer.paper.count
        assert row.end != LOST or printer.said('"lost"')
    service.at_peace()
    next_job(printer, service, seed + 1)


def next_job(printer, service, seed):
    """An honest job comes out to the dot."""
    data, lines = honest(seed)
    printer.blank()
    job = service.add(data)
    printer.until(lambda: job.state >= CANCELED and printer.idle, "the next job")
    assert job.state == COMPLETED and printer.shows(lines), (job.state, job.message)
    service.at_peace()


def run(table, make=Service, **config):
    """Each row of ``table`` by the service that ``make()`` gives. Prints what was seen; AssertionError names the attack."""
    service = make()
    printer = Printer(service, **config)
    printer.until(lambda: printer.waiting, "waiting")
    for seed in (1, 2):  # what exists from the first job on is there then
        next_job(printer, service, seed)
    most = 0
    let_go(printer, service)
    start = before = used()
    for i, row in enumerate(table):
        try:
            attack(printer, service, row, 3 + 2 * i)
        except Exception:
            print("attack: %s" % row.name)
            raise
        let_go(printer, service)
        after = used()
        assert TRACED or after - before <= KEPT, "%s: %d more in use" % (row.name, after - before)
        most = max(most, after - before)
        before = after
    assert TRACED or before - start <= KEPT + GROWN * len(table), "grew from %d to %d" % (start, before)
    assert printer.most <= MOST_OCTETS and printer.longest <= LONGEST_MS * 1000
    # Records are the journal's and the identity's: nothing that a service says makes a name.
    names = printer.port.flash.names
    assert len(names) <= 4 and all(name.startswith(("infra-", "mobile-")) for name in names), names
    print(
        "hostile: attacks=%d turns=%d longest_us=%d most_octets=%d kept_most=%d kept=%d"
        % (len(table), printer.turns, printer.longest, printer.most, most, before - start)
    )
    return printer, service
