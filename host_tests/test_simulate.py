"""The simulator: that it finds nothing in the firmware as it is, and the bugs that it has found."""

from __future__ import annotations

import errno

import pytest
from click.testing import CliRunner

from fetchprint import ticks
from fetchprint.proxy import ending
from fetchprint_tools.cli import main
from fetchprint_tools.simulate import batch, chance, engines, exhaustive, real
from fetchprint_tools.simulate.run import PROFILES, Plan, Run
from fetchprint_tools.simulate.world import AFTER, BEFORE

pytestmark = pytest.mark.slow

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


def test_power_cuts_in_pairs():
    assert broken("power-twice", Plan(("standard",), ((0, 1, 1),)), 47) == []


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
@pytest.mark.parametrize("event", ["paper", "flash-full"])
def test_days_without_a_job_do_not_make_the_past_the_future(profile, event):
    """A printer that had been up for 74 hours told neither that it was idle nor that it had stopped, and did
    not try its journal again."""
    plan = Plan((profile,), ((0, 2, 1), (0, 1, 1)), events={25: event}, clock=ticks.PERIOD * 3 // 4)
    run = Run(plan).go()
    assert run.world.now < 30000 and [job.outcome for job in run.numbers.all] == ["completed"] * 2


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
    for option in ("--part", "--faults"):
        result = CliRunner().invoke(main, ["simulate", "--engine", "pass", option, "cover"])
        assert result.exit_code != 0 and "cover: not with the engine pass" in result.output
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
