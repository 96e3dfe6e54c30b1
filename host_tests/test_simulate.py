"""The simulator: that it finds what is spoilt in the firmware, and nothing in the firmware as it is; and the
bugs that it has found."""

from __future__ import annotations

import errno

import pytest
from click.testing import CliRunner

from fetchprint.engine import base, escpos_link
from fetchprint.engine.escpos import EscPos
from fetchprint.proxy import delivery, ending, journal
from fetchprint.proxy.backoff import Backoff
from fetchprint.proxy.infra import claim
from fetchprint.proxy.journal import Journal
from fetchprint.service import infra_replies, replies
from fetchprint_tools.cli import main
from fetchprint_tools.simulate import batch, chance, engines, exhaustive, real
from fetchprint_tools.simulate.run import PROFILES, Plan, Run
from fetchprint_tools.simulate.world import AFTER, BEFORE, Failed

ENGINES = ("pass", "raster")


def broken(part, base, stride=1):
    """What the simulator says of one part."""
    return batch.part(part, base, stride, 1).failures


STRIDES = {"power": 4, "response": 3, "power-twice": 0, "cut-sent": 401, "cut-received": 251, "flash": 3}
"""Every so many runs of each part here; all of them are run for docs/reliability-results.md."""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("profile", PROFILES)
def test_every_kind_of_fault(profile, engine):
    plan = Plan((profile,), ((0, 3, 1),), engine=engine)
    for part in exhaustive.parts(engine):
        stride = STRIDES.get(part, 23)
        if stride:
            tally = batch.part(part, plan, stride, 1)
            assert tally.failures == [], part
            assert tally.runs and (tally.faults or part == "cancel"), part


@pytest.mark.slow
@pytest.mark.parametrize("driver", real.DRIVERS)
def test_our_drivers_with_everything_that_can_befall_their_engines(driver):
    """What the service is told of the job and the printer is true, wherever in a job the engine fails."""
    stride = {"thermal": 151, "link_spi": 53}.get(driver, 13)
    for profile in ("standard", "mobile"):
        plan = Plan((profile,), ((0, 3, 1),), engine=driver)
        for part in ("power", "cancel", "wifi", *engines.ENGINES[driver]):
            tally = batch.part(part, plan, stride, 1)
            assert tally.failures == [], part
            assert set(tally.ends) & {"completed", "canceled"}, part


def test_every_power_cut():
    for profile in ("standard", "mobile"):
        assert broken("power", Plan((profile,), ((0, 1, 1),), engine="raster")) == []


@pytest.mark.slow
def test_power_cuts_in_pairs():
    assert broken("power-twice", Plan(("standard",), ((0, 1, 1),)), 47) == []


@pytest.mark.slow
def test_runs_by_chance():
    tally = batch.by_chance(range(150), chance.FAULTS, (), "", 0, 1)
    assert tally.failures == []
    assert set(tally.ends) >= {"completed", "aborted", "canceled"}
    assert set(tally.faults) >= {
        "power",
        "response",
        "cut",
        "flash",
        "restart",
        "amnesia",
        "duplicate",
        "wifi",
    }


def test_a_seed_gives_the_same_run_each_time():
    first, again = (Run(chance.plan(77), tracing=True).go().world.trace for _ in range(2))
    assert first == again and len(first) > 100


# -- the simulator itself: it must notice what it is there to notice --


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
    assert any("not on paper whole" in text for _, text in broken("engine-off", plan, 3))


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


# -- what it has found --


def test_pappl_is_asked_how_many_documents_there_are():
    """PAPPL does not say in Fetch-Job: only the first was printed, and the job reported completed."""
    run = Run(Plan(("pappl",), ((0, 2, 3),))).go()
    assert run.numbers.all[0].outcome == "completed"
    assert all(f"<0001.{number}.2>".encode() in run.printer.paper for number in (1, 2, 3))


@pytest.mark.parametrize("profile", PROFILES)
def test_a_job_that_is_offered_again_does_not_stay_in_the_queue_for_ever(profile):
    """Its end was told without its having been taken, which no Infrastructure Printer accepts."""
    run = Run(Plan((profile,), events={3: "reoffer"})).go()
    assert run.world.happened["duplicate"] == 1 and run.numbers.all[0].ended


@pytest.mark.parametrize("profile", [name for name in PROFILES if name != "pappl"])
def test_jobs_that_only_the_service_remembers_are_ended(profile):
    """With INFRA nobody looked at what Update-Active-Jobs reveals."""
    clean = Run(Plan((profile,)), tracing=True).go().world.operations
    seen = set()
    for number in range(2, clean, 2):
        run = Run(Plan((profile,), events={number: "wipe"}, cuts={number: BEFORE})).go()
        job = run.numbers.all[0]
        seen.add(job.outcome)
        if job.outcome == "aborted":
            assert "no record of the job" in job.message or "restarted while printing" in job.message
    assert seen == {"completed", "aborted"}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_flash_that_cannot_be_written_does_not_end_the_firmware(profile):
    """It died of the error; now it stops taking jobs, says why, and goes on when the flash does."""
    told = []
    for number in (8, 14, 20):
        run = Run(Plan((profile,), ((0, 2, 1), (0, 2, 1)), events={number: "flash-full"})).go()
        assert [job.ended for job in run.numbers.all] == [True, True]
        assert run.services[0].told[-1] == (3, "Idle.")
        told += [message for _, message in run.services[0].told]
    assert any("journal cannot be written" in message for message in told)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_lost_journal_is_told_to_the_service(profile):
    run = Run(Plan((profile,), events={20: "wipe"}, cuts={20: AFTER})).go()
    assert any("journal was lost" in message for _, message in run.services[0].told)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_count_of_pages_outlives_a_power_cut(profile):
    """It was reported as it went up, and as nothing after the restart."""
    base = Plan((profile,), ((0, 4, 1),), engine="raster")
    most = 0
    for number in range(1, Run(base).go().world.operations):
        run = Run(Plan((profile,), ((0, 4, 1),), engine="raster", cuts={number: AFTER})).go()
        job = run.numbers.all[0]
        if job.outcome == "aborted":
            most = max(most, job.reports[-1].impressions)
    assert most >= 1


def test_an_error_of_the_flash_at_each_write_and_a_power_cut_after_it():
    clean = Run(Plan()).go()
    for write in range(1, clean.device.flash.writes + 1):
        for number in range(1, clean.world.operations, 5):
            Run(Plan(flash={write: errno.EIO}, cuts={number: AFTER})).go()


# -- the command --


def test_the_command_shows_a_run():
    result = CliRunner().invoke(main, ["simulate", "--seed", "3", "--profile", "mobile", "--jobs", "1"])
    assert result.exit_code == 0, result.output
    assert "fetch_print_job" in result.output and "all promises kept" in result.output


def test_the_command_runs_seeds_and_parts_and_writes_the_table(tmp_path):
    path = tmp_path / "results.md"
    path.write_text(
        "before\n<!-- what follows is written by: fetchprint simulate --report -->\n"
        "OLD\n<!-- until here -->\nbehind\n"
    )
    arguments = ["simulate", "--seeds", "5", "--profile", "mobile", "--engine", "pass", "--part", "flash"]
    result = CliRunner().invoke(main, [*arguments, "--report", str(path)])
    assert result.exit_code == 0, result.output
    text = path.read_text()
    assert text.startswith("before\n") and text.endswith("behind\n") and "OLD" not in text
    assert "every write to the flash failing (I/O error, full)" in text
    assert CliRunner().invoke(main, [*arguments, "--report", str(path)]).exit_code == 0


def test_the_command_tells_unknown_faults_and_a_file_without_a_place(tmp_path):
    result = CliRunner().invoke(main, ["simulate", "--faults", "power,weather"])
    assert result.exit_code != 0 and "weather: no such fault" in result.output
    path = tmp_path / "other.md"
    path.write_text("something else")
    arguments = [
        "simulate",
        "--seeds",
        "1",
        "--part",
        "response",
        "--profile",
        "mobile",
        "--report",
        str(path),
    ]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code != 0 and path.read_text() == "something else"


def test_the_command_ends_with_1_and_the_trace_when_a_promise_is_broken(monkeypatch):
    monkeypatch.setattr(ending, "interrupted", lambda c: None)
    arguments = ["simulate", "--part", "power", "--profile", "standard", "--engine", "pass"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "BROKEN PROMISE" in result.output and "FAULT power" in result.output
