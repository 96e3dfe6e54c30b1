"""``fetchprint bench``: what it computes, that its measurements run, what it says of absent parts."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from fetchprint.ipp import tags
from fetchprint_tools.bench import (
    device_run,
    engines,
    heap,
    latency,
    link,
    run,
    sizes,
    streaming,
    table,
    thermal,
)
from fetchprint_tools.bench.contestants import BuiltIn, Emulated
from fetchprint_tools.bench.feeder import CHUNK, Feeder, PtySink, SocketSink
from fetchprint_tools.bench.figures import Part, Row, Settings, median, milliseconds
from fetchprint_tools.commands.bench import command
from fetchprint_tools.errors import UserError
from fetchprint_tools.message import decode

pytestmark = pytest.mark.slow


def quiet(_text: str) -> None:
    """Nobody waits here."""


@pytest.fixture(scope="module")
def rom() -> Iterator[Path]:
    """The image with the measurements."""
    with device_run.image() as path:
        yield path


# -- figures ------------------------------------------------------------------------------------------


def test_schedule_is_the_same_each_time_and_within_the_span() -> None:
    moments = latency.schedule(20, 60.0)
    assert moments == latency.schedule(20, 60.0) == sorted(moments)
    assert len(moments) == 20 and moments[0] >= 0 and moments[-1] <= 60
    assert moments != latency.schedule(20, 60.0, seed=latency.SEED + 1)


def test_growth_is_seen_through_single_jumps() -> None:
    assert heap.growth([1000] * 60, 20) == 0
    assert heap.growth([1000 + 16 * job for job in range(60)], 20) == 16
    # one job that leaves more behind for once is no growth
    assert heap.growth([1000] * 40 + [5000] + [1000] * 19, 20) == 0
    assert heap.growth([1000 + 100 * min(job, 16) for job in range(60)], 20) == 0
    assert heap.growth([1000], 0) == 0


def test_milliseconds() -> None:
    assert milliseconds(0.0123) == "12 ms"
    assert milliseconds(23.456) == "23.46 s"
    assert median([3, 1, 2]) == 2


def test_every_module_of_the_firmware_has_a_group() -> None:
    groups = sizes.modules()
    assert set(groups) == set(sizes.ORDER), "a new room: put it into ORDER where its needs are met"
    assert "engine/thermal_motor" in groups["thermal"] and "engine/base" in groups["engine"]
    assert "http/adafruit" in groups["adafruit"] and "http/client" in groups["http"]
    assert not any(name in names for names in groups.values() for name in sizes.HOST_ONLY)


def test_sample_replies_are_messages() -> None:
    octets = streaming.get_jobs_reply(20).encode()
    jobs, used = decode(octets)
    assert len(jobs.groups_of(tags.JOB)) == 20 and used == len(octets)
    octets = streaming.fetch_job_reply().encode()
    job, used = decode(octets)
    assert job.get(tags.JOB, "job-id") == 1208 and used == len(octets)


# -- the feeder and the sinks -------------------------------------------------------------------------


def test_feeder_sends_the_same_octets_raw_and_in_chunks() -> None:
    with Feeder(CHUNK * 32, b"raster") as feeder:
        with socket.create_connection(("127.0.0.1", feeder.raw_port), 5) as raw:
            octets = b"".join(iter(lambda: raw.recv(65536), b""))
        assert len(octets) == CHUNK * 32
        with socket.create_connection(("127.0.0.1", feeder.reply_port), 5) as reply:
            reply.sendall(b"POST /raster HTTP/1.1\r\n\r\n")
            file = reply.makefile("rb")
            assert file.readline() == b"HTTP/1.1 200 OK\r\n"
            while file.readline() != b"\r\n":
                pass
            assert [file.readline() for _ in range(4)] == [b"6\r\n", b"raster\r\n", b"0\r\n", b"\r\n"]


@pytest.mark.parametrize("kind", [SocketSink, PtySink])
def test_sinks_take_everything(kind: type[SocketSink] | type[PtySink]) -> None:
    sink = kind()
    try:
        if kind is PtySink:
            with open(sink.name, "wb", buffering=0) as out:
                assert sum(out.write(b"x" * 1000) for _ in range(300)) == 300_000
        else:
            with socket.create_connection(("127.0.0.1", int(sink.name)), 5) as connection:
                connection.sendall(b"x" * 3_000_000)
    finally:
        sink.close()


# -- the measurements on the device -------------------------------------------------------------------


@pytest.mark.parametrize("runtime", device_run.RUNTIMES)
def test_chain_and_bare_loop_move_a_document(rom: Path, runtime: str) -> None:
    sink = SocketSink()
    octets = CHUNK * 32
    try:
        with Feeder(octets) as feeder:
            arguments = [str(feeder.reply_port), str(feeder.raw_port), sink.name, str(octets), "2"]
            figures = device_run.run(rom, runtime, "bench_chain", arguments, timeout=30)
    finally:
        sink.close()
    assert [set(each) for each in figures] == [{"bare", "chain"}] * 2


def test_nothing_is_allocated_while_working(rom: Path) -> None:
    part = streaming.allocation(rom, Settings(True), quiet)
    assert {row.what: row.ours for row in part.rows if not row.met} == {}
    assert len(part.rows) == 5


@pytest.mark.parametrize("runtime", device_run.RUNTIMES)
def test_raster_lines_are_counted(rom: Path, runtime: str, tmp_path: Path) -> None:
    path = tmp_path / "page.pwg"
    path.write_bytes(streaming.page(40))
    figures = device_run.run(rom, runtime, "bench_raster", [str(path), "30"], timeout=30)
    assert [each["halftone"] for each in figures] == ["error-diffusion", "ordered", "threshold"]
    assert all(each["lines"] and each["lines"] % 40 == 0 for each in figures)


def test_a_thermal_head_is_driven_without_allocating(rom: Path) -> None:
    part = thermal.measure(rom, Settings(True), quiet)
    assert [row.met for row in part.rows if row.target] == [True, True]
    assert len(part.facts["runs"]) == 4 and all(each["paper-us"] > 0 for each in part.facts["runs"])


def test_the_framed_link_is_measured(rom: Path) -> None:
    part = link.measure(rom, Settings(True), quiet)
    assert [each["bytes-a-page"] for each in part.facts["driver"]] == [0, 0, None, None]
    assert all(each["octets"] > each["page-octets"] > 0 for each in part.facts["driver"])
    clean, lossy = part.facts["pages"][:2]
    assert 1.04 < clean["overhead"] < 1.06 and lossy["overhead"] > clean["overhead"]
    assert clean["share"] > 0.9 and lossy["share"] > 0.7


def test_sizes_of_all_groups(rom: Path) -> None:
    part = sizes.measure(rom, Settings(True), quiet)
    assert [row.what for row in part.rows] == [*sizes.ORDER, "all"]
    assert part.facts["total"] == sum(part.facts["mpy"].values())
    assert all(size > 0 for size in part.facts["heap"].values())


def test_a_script_that_fails_says_why(rom: Path) -> None:
    with pytest.raises(UserError, match="bench_raster on micropython") as caught:
        device_run.run(rom, "micropython", "bench_raster", ["/nowhere", "10"], timeout=30)
    assert "ENOENT" in str(caught.value)


# -- the printer --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_first_bytes_of_jobs_are_timed(tmp_path: Path) -> None:
    with BuiltIn(tmp_path / "data") as service:
        printer = Emulated(service.uri, tmp_path, "cpython")
        try:
            printer.wait_ready()
            assert heap._feed([service.uri], printer, 3, 30, quiet) == ""
        finally:
            printer.close()
    assert sorted(printer.first) == [1, 2, 3]
    assert list(printer.first.values()) == sorted(printer.first.values())
    assert not printer.alive


# -- the command --------------------------------------------------------------------------------------


def test_tables_show_rows_notes_and_what_was_not_measured() -> None:
    part = Part("x", "Title", ("chain", "bare", ""), notes=["a note"], absent=["no server"])
    part.rows += [
        Row("good", "1", "2", target=">= 0.9", met=True),
        Row("bad [x]", "3", "4", target="0", met=False),
    ]
    console = Console(width=100, record=True, file=open(os.devnull, "w"))  # noqa: SIM115
    table.show(console, [part], run.machine(Settings(True)))
    text = console.export_text()
    for shown in (
        "Title",
        "chain",
        "bare",
        "reached",
        "missed",
        "bad [x]",
        "a note",
        "not measured: no server",
    ):
        assert shown in text


def test_json_of_one_part() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fetchprint_tools", "bench", "--quick", "--json", "--part", "size"],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    result = json.loads(done.stdout)
    assert result["machine"]["cpus"] == os.cpu_count() and result["machine"]["quick"]
    assert list(result["parts"]) == ["size"]
    assert result["parts"]["size"]["total"] > 10_000
    assert "size: " in done.stderr


def test_without_ippserver_latency_is_not_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FETCHPRINT_IPPSERVER_ROOT", str(tmp_path))
    monkeypatch.delenv("FETCHPRINT_REQUIRE_ALL", raising=False)
    done = CliRunner().invoke(command, ["--quick", "--part", "latency"])
    assert done.exit_code == 0
    assert "not measured: the packaged ippserver is not set up" in done.output
    monkeypatch.setenv("FETCHPRINT_REQUIRE_ALL", "1")
    done = CliRunner().invoke(command, ["--quick", "--part", "latency"])
    assert done.exit_code == 1


@pytest.mark.slow
@pytest.mark.system
def test_latency_beside_ippproxy(ippsample_programs: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "QUICK_JOBS", 2)
    monkeypatch.setattr(latency, "QUICK_SPAN", 1.0)
    part = latency.measure(Settings(quick=True), quiet)
    assert part.absent == []
    ours = part.facts["contestants"][:2]
    assert [each["name"] for each in ours] == ["fetchprint, micropython", "fetchprint, cpython"]
    assert all(each["lost"] == 0 and each["worst"] < 10 for each in ours)
    assert part.facts["contestants"][2]["name"] == "ippproxy"


@pytest.mark.parametrize("runtime", device_run.RUNTIMES)
@pytest.mark.parametrize("driver", engines.names())
def test_drivers_are_measured(rom: Path, driver: str, runtime: str) -> None:
    (figures,) = device_run.run(rom, runtime, "bench_engine", [driver, "20"], timeout=30)
    assert figures["pages"] >= 1 and figures["lines"] == 1600 * figures["pages"]
    assert figures["octets"] >= figures["lines"] * figures["width"] // 8
    assert figures["bytes"] == (0 if runtime == "micropython" else None)
