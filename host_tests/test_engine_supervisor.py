"""``fetchprint emulate`` with a scripted firmware: jobs and their bytes, events, flow control, commands."""

from __future__ import annotations

import json
import os
import pty
import threading
import tty
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from emulate_run import BEGIN, DONE, END, STRIDE, URI, Run, job, raster
from support import wait_until


def test_jobs_get_their_pages_and_their_bytes(tmp_path: Path) -> None:
    feed = ["bytes", "1b4a08"]
    steps = [
        ["poll"],
        *job(5, ["bytes", "1b40"], ["raster", 10, 0xF0], ["bytes", "1d5600"], ["raster", 4, 0x0F], feed),
        ["poll"],
        *job(6, ["raster", 3, 0xFF], ["bytes", "1d564200"]),
        ["poll"],
    ]
    status, out, err = Run(tmp_path, steps, "--jobs", "2", "--json").end()
    assert status == 0, err
    five = tmp_path / "out" / "job-5"
    confirm = b"\x1dr\x01"
    expected = b"\x1b@" + raster(10, 0xF0) + b"\x1dV\x00" + raster(4, 0x0F) + b"\x1bJ\x08" + confirm
    assert (five / "engine.bin").read_bytes() == expected
    assert sorted(path.name for path in five.iterdir()) == ["engine.bin", "page-001.png", "page-002.png"]
    with Image.open(five / "page-002.png") as page:
        assert page.size == (576, 12)
        assert page.crop((0, 0, 576, 4)).convert("1").tobytes() == b"\xf0" * STRIDE * 4
    six = tmp_path / "out" / "job-6"
    assert (six / "engine.bin").read_bytes() == raster(3, 0xFF) + b"\x1dVB\x00" + confirm
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["job-5", "job-6"]
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["message"] for event in events if event["event"] == "status"] == ["12"] * 3
    pages = [(event["job-id"], event["page"], event["file"]) for event in events if event["event"] == "page"]
    assert [page[:2] for page in pages] == [(5, 1), (5, 2), (6, 1)]
    assert events[-1] == {"event": "stopped"}
    # A page's file is there before its job is said to have ended.
    kinds = [(event["event"], event.get("page")) for event in events]
    assert kinds.index(("job-end", None)) > kinds.index(("page", 2))


def test_one_line_per_change_for_people(tmp_path: Path) -> None:
    service = {"event": "service", "state": "waiting", "service": URI}
    progress = {"event": "progress", "job-id": 5, "pages": 1, "octets": 120_000}
    steps = [
        ["event", service],
        ["event", service],
        ["event", {"event": "printer", "state": "stopped", "reasons": ["media-empty"]}],
        ["event", progress],
        ["event", {"event": "surprise", "message": "what is this"}],
        ["stdout", "no event at all"],
        *job(5, ["raster", 3, 0xFF]),
    ]
    status, out, err = Run(tmp_path, steps, "--jobs", "1").end()
    assert (status, out) == (0, "")
    lines = [line.split(" ", 1)[1] for line in err.splitlines()]
    assert lines == [
        f"service waiting · {URI}",
        "printer stopped · media-empty",
        "job 5 printing · page 1 · 120 kB",
        "surprise: what is this",
        "no event at all",
        f"job 5 page 1 is in {tmp_path}/out/job-5/page-001.png",
        "job 5 ended: completed",
        "firmware stopped",
    ]


def test_a_job_that_prints_again_adds_to_its_folder(tmp_path: Path) -> None:
    for _ in range(2):
        steps = job(7, ["raster", 2, 0x81]) + job(7, ["raster", 3, 0x18])
        status, _, err = Run(tmp_path, steps, "--jobs", "2").end()
        assert status == 0, err
    folder = tmp_path / "out" / "job-7"
    once = raster(2, 0x81) + b"\x1dr\x01" + raster(3, 0x18) + b"\x1dr\x01"
    assert (folder / "engine.bin").read_bytes() == once * 2
    assert len(list(folder.glob("page-*.png"))) == 4


def test_events_are_taken_before_the_bytes_that_follow_them(tmp_path: Path) -> None:
    # Everything is written at once, again and again: no byte may land in a neighbour's folder.
    steps: list[list[Any]] = []
    for number in range(1, 101):
        steps += [["bytes", "100401100404"], *job(number, ["bytes", f"1b4a{number:02x}"])]
    status, _, err = Run(tmp_path, steps, "--jobs", "100").end(60)
    assert status == 0, err
    for number in range(1, 101):
        data = (tmp_path / "out" / f"job-{number}" / "engine.bin").read_bytes()
        assert data == bytes((0x1B, 0x4A, number)) + b"\x1dr\x01"


def test_printing_outside_any_job_is_told(tmp_path: Path) -> None:
    status, _, err = Run(tmp_path, [["raster", 2, 0xFF], ["confirm"], *job(1)], "--jobs", "1").end()
    assert status == 0
    assert "outside any job" in err
    assert (tmp_path / "out" / "no-job" / "page-001.png").exists()


@pytest.mark.parametrize("flow", ["cts", "none"])
def test_flow_control(tmp_path: Path, flow: str) -> None:
    # 30 kB at a paper speed that takes much longer than the wire.
    lines = 430
    # What tells that everything has crossed the wire; a confirmation may be lost in a torn raster.
    last, octets = (["confirm"], b"\x1dr\x01") if flow == "cts" else (["poll"], b"\x10\x04\x01")
    steps = [["event", BEGIN], ["raster", lines, 0xAA], last, ["event", END], ["event", DONE]]
    options = ("--flow", flow, "--speed", "1000", "--buffer", "1024", "--jobs", "1")
    status, _, err = Run(tmp_path, steps, *options).end()
    assert status == 0, err
    data = (tmp_path / "out" / "job-5" / "engine.bin").read_bytes()
    assert data == raster(lines, 0xAA) + octets, "what crossed the wire, lost by the engine or not"
    assert ("dropped" in err) == (flow == "none")
    with Image.open(tmp_path / "out" / "job-5" / "page-001.png") as page:
        assert (page.height == lines) == (flow == "cts")


def test_control_commands(tmp_path: Path) -> None:
    steps = [["poll"], *job(5, ["raster", 200, 0xFF])]
    run = Run(tmp_path, steps, "--control", "--speed", "100")
    run.command("paper out 20")
    run.command("nonsense")
    log: list[str] = []
    assert run.process.stderr is not None
    reader = threading.Thread(target=lambda: log.extend(iter(run.process.stderr.readline, "")), daemon=True)  # type: ignore[union-attr]
    reader.start()
    wait_until(lambda: any("'nonsense' is not known" in line for line in log), 10, "the complaint")
    wait_until(lambda: any("paper out 20" in line for line in log), 10, "the fault")
    assert not any("ended" in line for line in log)
    run.command("paper in")
    wait_until(lambda: any("job 5 ended" in line for line in log), 20, "the job's end")
    run.command("stop")
    assert run.process.wait(20) == 0
    reader.join(10)
    run.end()
    with Image.open(tmp_path / "out" / "job-5" / "page-001.png") as page:
        assert page.height == 200


def test_relay_to_another_device(tmp_path: Path) -> None:
    theirs, ours = pty.openpty()
    tty.setraw(ours)
    got = bytearray()

    def printer() -> None:
        while True:
            try:
                data = os.read(theirs, 4096)
            except OSError:
                return
            got.extend(data)
            # Another machine, with another answer than the emulated one.
            if data.endswith(b"\x1dr\x01"):
                os.write(theirs, b"\x03")
            if data.endswith(b"\x10\x04\x01"):
                os.write(theirs, b"\x16")

    thread = threading.Thread(target=printer, daemon=True)
    thread.start()
    try:
        steps = [["poll"], *job(5, ["raster", 50, 0xF0])]
        status, out, err = Run(tmp_path, steps, "--jobs", "1", "--json", "--device", os.ttyname(ours)).end()
    finally:
        os.close(ours)
        thread.join(5)
        os.close(theirs)
    assert status == 0, err
    assert '"message": "16"' in out
    job_bytes = raster(50, 0xF0) + b"\x1dr\x01"
    assert bytes(got) == b"\x10\x04\x01" + job_bytes
    assert (tmp_path / "out" / "job-5" / "engine.bin").read_bytes() == job_bytes
    with Image.open(tmp_path / "out" / "job-5" / "page-001.png") as page:
        assert page.size == (576, 50)
