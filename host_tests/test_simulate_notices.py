"""The simulator notices what is spoilt in the firmware: each promise, broken on purpose."""

from __future__ import annotations

import pytest

from fetchprint.engine import base, escpos_link
from fetchprint.engine.escpos import EscPos
from fetchprint.proxy import delivery, ending, journal
from fetchprint.proxy.backoff import Backoff
from fetchprint.proxy.infra import claim
from fetchprint.proxy.journal import Journal
from fetchprint.service import infra_replies, replies
from fetchprint_tools.simulate import batch
from fetchprint_tools.simulate.run import Plan, Run
from fetchprint_tools.simulate.world import AFTER, Failed


def broken(part, base, stride=1):
    """What the simulator says of one part."""
    return batch.part(part, base, stride, 1).failures


def test_it_notices_a_device_that_forgets_that_it_has_begun_to_print(monkeypatch):
    write = Journal.write
    monkeypatch.setattr(
        Journal, "write", lambda self, phase, *rest: phase == journal.STREAMING or write(self, phase, *rest)
    )
    assert any("printed twice" in text for _, text in broken("power", Plan()))


def test_it_notices_a_device_that_claims_before_it_notes_it(monkeypatch):
    write = Journal.write
    monkeypatch.setattr(
        Journal, "write", lambda self, phase, *rest: phase == journal.CLAIMING or write(self, phase, *rest)
    )
    assert broken("power", Plan(("pappl",)))


def test_it_notices_a_device_that_does_not_remember_what_it_printed(monkeypatch):
    monkeypatch.setattr(Journal, "outcome_of", lambda self, uuid: 0)
    assert any("printed twice" in text for _, text in broken("reoffer", Plan(), 10))


@pytest.mark.parametrize(("event", "bit"), [("paper", base.MEDIA_EMPTY), ("cover", base.COVER_OPEN)])
def test_it_notices_a_device_that_does_not_tell_that_it_has_stopped(monkeypatch, event, bit):
    poll = EscPos.poll

    def blind(self, now):
        poll(self, now)
        self.reasons &= ~bit

    monkeypatch.setattr(EscPos, "poll", blind)
    plan = Plan(engine="escpos", events={40: event})
    with pytest.raises(Failed, match="was told"):
        Run(plan).go()


def test_it_notices_a_driver_that_believes_an_engine_that_was_off(monkeypatch):
    """The end of what was in the UART when the engine lost its power is confirmed, and its beginning is
    gone: this was taken for a page."""
    monkeypatch.setattr(escpos_link, "MISSES", 1000)
    plan = Plan(("mobile",), ((0, 3, 1),), engine="escpos")
    assert any("not on paper whole" in text for _, text in broken("engine-off", plan))


def test_it_notices_a_device_that_takes_back_why_a_job_has_ended(monkeypatch):
    """ippserver of 2022 lists such a job again, and "none" took the place of "aborted-by-system"."""
    monkeypatch.setattr(replies, "tells_end", lambda dec: False)
    monkeypatch.setattr(infra_replies, "tells_end", lambda dec: False)
    monkeypatch.setattr(ending, "_REASONS", (b"none",) * 3)
    with pytest.raises(Failed, match=r"taken back|and then"):
        Run(Plan(("ippserver-2022",), ((0, 2, 1), (0, 2, 1)), cuts={55: AFTER, 83: AFTER})).go()


def test_it_notices_a_device_that_does_not_start_without_its_journal(monkeypatch):
    monkeypatch.setattr(Journal, "_read", lambda self, name: self._store.load(name))
    with pytest.raises(Failed, match="not settled"):
        Run(Plan(events={20: "dead"})).go()


def test_it_notices_a_device_that_does_not_come_back_to_the_network(monkeypatch):
    monkeypatch.setattr(Backoff, "ready", lambda self, now: not self._waiting)
    assert any("not settled" in text for _, text in broken("wifi", Plan(), 25))


def test_it_notices_a_device_that_takes_a_truncated_document_for_whole(monkeypatch):
    from fetchprint.http.client import Connection

    fill = Connection.fill

    def trusting(self, now):
        try:
            return fill(self, now)
        except Exception:  # noqa: BLE001 - this is what a careless client does
            return 0

    monkeypatch.setattr(Connection, "fill", trusting)
    assert any("not on paper whole" in text for _, text in broken("cut-received", Plan(), 7))


def test_it_notices_a_device_that_prints_again_by_itself(monkeypatch):
    monkeypatch.setattr(ending, "interrupted", lambda c: None)
    assert any("printed twice" in text for _, text in broken("power", Plan()))


def test_it_notices_a_device_that_reports_more_than_is_on_paper(monkeypatch):
    count = delivery._count

    def boasting(c):
        count(c)
        c.session.job.impressions += 1

    monkeypatch.setattr(delivery, "_count", boasting)
    with pytest.raises(Failed, match="pages reported"):
        Run(Plan(engine="raster")).go()


def test_it_notices_a_device_that_grows(monkeypatch):
    send = claim.send_ack_job

    def hoarding(c, now):
        c.session.hoard = bytearray(70000)
        send(c, now)

    from fetchprint.proxy.infra.profile import Control

    steps = tuple((hoarding, take) if one is send else (one, take) for one, take in Control.steps)
    monkeypatch.setattr(Control, "steps", steps)
    with pytest.raises(Failed, match="octets and elements"):
        Run(Plan()).go()


def test_it_notices_a_device_that_spins(monkeypatch):
    from fetchprint.proxy.loop import Loop

    monkeypatch.setattr(Loop, "turn", lambda self: self._port.wait(0))
    with pytest.raises(Failed, match="without time passing"):
        Run(Plan()).go()
