"""What ``fetchprint emulate`` refuses before it starts anything."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from fetchprint_tools import firmware_build
from fetchprint_tools.commands.emulate import command
from fetchprint_tools.emulate_options import OptionError, check_uri, read_config
from fetchprint_tools.event_text import size

URI = "ipp://127.0.0.1:631/ipp/print/infra"


def refused(tmp_path: Path, *options: str) -> str:
    """The message of a run that must not start."""
    result = CliRunner().invoke(command, ["--out", str(tmp_path / "out"), *options])
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
    return result.output


@pytest.mark.parametrize(
    "uri",
    [
        URI,
        "ipp://host/ipp/print",
        "http://printer.example:8631/ipp",
        "ipp://[::1]:631/ipp/print",
        "ipp://host",
        "ipps://host/ipp",
        "https://host/ipp",
    ],
)
def test_good_uris(uri: str) -> None:
    assert check_uri(uri) == uri


@pytest.mark.parametrize(
    ("uri", "what"),
    [
        ("ftp://host/ipp", "ftp is no scheme"),
        ("host/ipp", "no scheme"),
        ("", "no scheme"),
        ("ipp:///ipp/print", "names no host"),
        ("ipp://", "names no host"),
        ("ipp://:631/ipp", "names no host"),
        ("ipp://host:0/ipp", "no valid port"),
        ("ipp://host:/ipp", "no valid port"),
        ("ipp://host:65536/ipp", "not valid"),
        ("ipp://host:print/ipp", "not valid"),
        ("ipp://[::1/ipp", "not valid"),
        ("ipp://host/a b", "a space"),
        ("ipp://höst/ipp", "not ASCII"),
        ("ipp://host/a\r\nHost: x", "a space"),
        ("ipp://me:secret@host/ipp", "user name"),
        ("ipp://host/ipp?x=1", "no query"),
        ("ipp://host/ipp#x", "no query"),
    ],
)
def test_bad_uris(tmp_path: Path, uri: str, what: str) -> None:
    with pytest.raises(OptionError, match=what):
        check_uri(uri)
    output = refused(tmp_path, "--service", uri, "--state", str(tmp_path / "state"))
    assert what in output
    assert not (tmp_path / "state").exists()


def test_missing_options(tmp_path: Path) -> None:
    assert "no print service is named" in refused(tmp_path, "--state", str(tmp_path))
    assert "no folder for the printer's state" in refused(tmp_path, "--service", URI)


@pytest.mark.parametrize(
    "options",
    [
        ("--width", "100"),
        ("--width", "0"),
        ("--width", "9000"),
        ("--speed", "0"),
        ("--buffer", "1"),
        ("--jobs", "0"),
        ("--timeout", "-1"),
        ("--runtime", "pypy"),
        ("--engine", "laser"),
        ("--flow", "dtr"),
        ("--baud", "0"),
        ("--profile", "fax"),
    ],
)
def test_options_out_of_range(tmp_path: Path, options: tuple[str, str]) -> None:
    output = refused(tmp_path, "--service", URI, "--state", str(tmp_path / "state"), *options)
    assert options[0] in output


def test_bad_heap(tmp_path: Path) -> None:
    options = ["--service", URI, "--state", str(tmp_path), "--out", str(tmp_path / "out"), "--heap", "lots"]
    result = CliRunner().invoke(command, options)
    assert result.exit_code != 0
    assert "'lots' is not a size" in result.output


@pytest.mark.parametrize(
    ("text", "what", "place"),
    [
        ("", "not valid JSON", "line 1, column 1"),
        ('{\n  "name": x}', "not valid JSON", "line 2, column 11"),
        ("[]", "must be an object", "line 1, column 1"),
        ('{"name": "x",\n "nmae": "y"}', '"nmae" is not known', "line 2, column 2"),
        ('{"name": "x",\n "name": "y"}', "twice", "line 2, column 2"),
        ('{"name": 5}', '"name" must be text', "line 1, column 10"),
        ('{"transport": "carrier pigeon"}', '"transport" must be native or adafruit', "line 1, column 15"),
        ('{"services": {}}', "must be a list", "line 1, column 14"),
        ('{"services": [5]}', "must be an object", "line 1, column 15"),
        ('{"services": [{"profile": "infra"}]}', 'needs a "uri"', "line 1, column 15"),
        ('{"services": [\n {"uri": "ipps://h/", "tls": {}}]}', "needs ca", "line 2, column 30"),
        ('{"services": [{"uri": "ipp://h/", "tls": {"ca": "x"}}]}', "only with a URI", "line 1, column 42"),
        ('{"services": [{"uri": "ipp://h/", "device": 1}]}', '"device" is not known', "line 1, column 35"),
        ('{"engine": {"width": 100}}', "100 dots", "line 1, column 22"),
        ('{"engine": {"width": true}}', "whole number", "line 1, column 22"),
        ('{"engine": {\n"driver": "laser"}}', '"driver" must be escpos', "line 2, column 11"),
        ('{"engine": {"dpi": 0}}', "above 0", "line 1, column 20"),
        ('{"engine": {"status": 1}}', "true or false", "line 1, column 23"),
        ('{"engine": {"colour": 5}}', '"colour" is not known', "line 1, column 13"),
    ],
)
def test_bad_configuration(tmp_path: Path, text: str, what: str, place: str) -> None:
    file = tmp_path / "printer.json"
    file.write_text(text)
    output = refused(tmp_path, "--config", str(file), "--state", str(tmp_path / "state"))
    assert what in output
    assert f"{file}, {place}" in output


def test_unreadable_configuration(tmp_path: Path) -> None:
    assert "No such file" in refused(tmp_path, "--config", str(tmp_path / "absent.json"))
    assert "Is a directory" in refused(tmp_path, "--config", str(tmp_path))
    (tmp_path / "latin.json").write_bytes(b'{"name": "\xe9"}')
    assert "not UTF-8" in refused(tmp_path, "--config", str(tmp_path / "latin.json"))
    (tmp_path / "deep.json").write_text("[" * 100_000)
    assert "nested too deeply" in refused(tmp_path, "--config", str(tmp_path / "deep.json"))


def test_good_configuration(tmp_path: Path) -> None:
    whole = {
        "name": "desk",
        "services": [{"uri": URI, "profile": "infra"}],
        "transport": "adafruit",
        "engine": {"driver": "escpos", "device": "/dev/ttyUSB0", "width": 384, "dpi": 203, "status": True},
        "state": "here",
    }
    for indent in (None, 4):
        file = tmp_path / "printer.json"
        file.write_text(json.dumps(whole, indent=indent))
        assert read_config(file) == whole
    file.write_text(" {} ")
    assert read_config(file) == {}


def test_options_win_over_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "printer.json"
    beneath = {"name": "desk", "services": [{"uri": "ipp://other/"}], "engine": {"width": 384}}
    file.write_text(json.dumps(beneath))
    state = tmp_path / "state"
    fake = Path(__file__).with_name("fake_firmware.py")
    state.mkdir()
    (state / "steps.json").write_text('[["exit", 0]]')
    options = ["--config", str(file), "--service", URI, "--width", "832", "--state", str(state)]
    options += ["--out", str(tmp_path / "out"), "--firmware", str(fake), "--runtime", "cpython"]
    result = CliRunner().invoke(command, options)
    assert result.exit_code == 0, result.output
    written = json.loads((state / "config.json").read_text())
    assert written.pop("engine").items() >= {"driver": "escpos", "width": 832, "buffer": 4096}.items()
    assert written == {
        "name": "desk",
        "services": [{"uri": URI, "profile": "infra"}],
        "transport": "native",
        "state": str(state),
    }


def test_folders_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    state = str(tmp_path / "state")
    good = str(tmp_path / "out")
    for out, folder in ((str(tmp_path / "file"), state), ("/proc/x", state), (good, "/proc/x")):
        result = CliRunner().invoke(command, ["--service", URI, "--out", out, "--state", folder])
        assert result.exit_code == 2, result.output
        assert "cannot write to the folder" in result.output


def test_device_that_is_none(tmp_path: Path) -> None:
    options = ["--service", URI, "--out", str(tmp_path / "out"), "--state", str(tmp_path), "--device"]
    result = CliRunner().invoke(command, [*options, str(tmp_path / "absent")])
    assert result.exit_code != 0
    assert "cannot open the device: No such file or directory" in result.output
    result = CliRunner().invoke(command, [*options, "/dev/null"])
    assert result.exit_code != 0
    assert "this is no serial device" in result.output


@pytest.mark.parametrize(
    ("octets", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9_949, "9.9 kB"), (120_000, "120 kB"), (3e7, "30 MB")],
)
def test_sizes_for_people(octets: int, text: str) -> None:
    assert size(octets) == text


@pytest.mark.slow
def test_micropython_runs_the_image_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETCHPRINT_CACHE", str(tmp_path / "cache"))
    image = firmware_build.build()
    assert image.read_bytes()[:1] == b"\xd2", "a ROMFS image"
    before = image.stat().st_mtime_ns
    assert firmware_build.build() == image
    assert image.stat().st_mtime_ns == before, "from the cache"
    assert [path.name for path in image.parent.iterdir()] == [image.name]
    config = tmp_path / "config.json"
    config.write_text('{"engine": 5}')
    args = firmware_build.command([str(config)], "128k")
    done = subprocess.run(args, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2, done.stderr
    assert json.loads(done.stdout)["event"] == "error"
