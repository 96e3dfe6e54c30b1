"""``fetchprint emulate``: the firmware and an emulated engine on this machine."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import click

from fetchprint.config import driver_setup
from fetchprint_tools import engine_control, job_output, micropython
from fetchprint_tools.emulate_options import (
    ENGINES,
    MAX_SERVICES,
    PROFILES,
    TRANSPORTS,
    OptionError,
    check_services,
    check_width,
    parse_service,
    read_config,
)
from fetchprint_tools.engines import emulated
from fetchprint_tools.engines.wire import Pty, open_tty
from fetchprint_tools.event_text import EventText, stamp
from fetchprint_tools.firmware_process import FirmwareProcess, stop_seconds, write_config
from fetchprint_tools.firmware_process import command as firmware_command
from fetchprint_tools.heaps import default_heap
from fetchprint_tools.supervisor import Supervisor
from fetchprint_tools.tls_options import add_tls, tls_options

DEFAULT_WIDTH = 576
PORTS = ("uart", "spi")
CONFIG_NAME = "config.json"
_FLOWS = {"cts": "cts", "xonxoff": "xonxoff", "none": "pace"}  # what the driver calls each

_RELAY_BUFFER = 1 << 24
_EPILOG = "\b\nCommands on stdin with --control, one a line:\n" + "\n".join(
    f"  {line}" for line in engine_control.HELP.splitlines()
)


@click.command(epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--service",
    "services",
    multiple=True,
    metavar="[PROFILE=]URI",
    help="The print service: ipps://HOST[:PORT]/PATH, or ipp:// without TLS; again for each further one,"
    f" up to {MAX_SERVICES}: their jobs take turns.",
)
@click.option("--profile", type=click.Choice(PROFILES), help="Of services without one.  [default: infra]")
@tls_options
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="JSON file with name, services, transport, engine, document and state, as the firmware has them."
    "  Options win.",
)
@click.option(
    "--runtime",
    type=click.Choice(("cpython", "micropython", "micropython-32", "pico-w")),
    default="micropython",
    show_default=True,
    help="What runs the firmware; the objects of micropython-32 are as large as a board's; pico-w is an"
    " emulated Raspberry Pi Pico W, and slow.",
)
@click.option(
    "--heap",
    metavar="SIZE",
    help="MicroPython's heap. Code runs in place from a ROM image, as from a board's flash."
    "  [default: 140k; 184k with --transport adafruit; more for several services, both profiles,"
    " a registration or documents by reference; two thirds of it with micropython-32]",
)
@click.option("--transport", type=click.Choice(TRANSPORTS), help="The HTTP client.  [default: native]")
@click.option("--engine", type=click.Choice(ENGINES), help="The print engine.  [default: escpos]")
@click.option(
    "--port",
    type=click.Choice(PORTS),
    help="What a link (uart or spi) or a thermal head (spi) hangs on.  [default: the first of these]",
)
@click.option(
    "--device",
    metavar="TTY",
    help="Relay to this serial printer; the pages are still drawn as the emulated engine would print them.",
)
@click.option("--state", type=click.Path(path_type=Path), help="Folder that the printer keeps between runs.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder for job-ID/page-NNN.png and job-ID/engine.bin, in a folder for each service if there are"
    " several; a job that prints again adds to its own.",
)
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="End after N jobs have ended.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    metavar="S",
    help="Stop after S seconds; with --jobs, a failure.",
)
@click.option("--name", help="The printer's name, which the service shows.  [default: fetchprint]")
@click.option("--json", "as_json", is_flag=True, help="Write events as JSON lines on stdout instead of text.")
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    metavar="LINES",
    help="Paper speed in dot lines a second (150 mm/s is 1200); a thermal head's is its driver's."
    "  [default: as fast as bytes come]",
)
@click.option(
    "--buffer",
    "buffer_size",
    type=click.IntRange(16, 1 << 24),
    default=4096,
    show_default=True,
    metavar="BYTES",
    help="The engine's receive buffer.",
)
@click.option(
    "--flow",
    type=click.Choice(("cts", "xonxoff", "none")),
    default="cts",
    show_default=True,
    help="What a full buffer does: stop the firmware as RTS/CTS does, or by XOFF, or lose bytes."
    " The driver is told, unless the configuration says otherwise.",
)
@click.option(
    "--baud",
    type=click.IntRange(300, 10_000_000),
    metavar="RATE",
    help="Speed of the line to the engine in bits a second.  [default: as fast as bytes come]",
)
@click.option("--width", type=int, metavar="DOTS", help=f"Dots of the head.  [default: {DEFAULT_WIDTH}]")
@click.option("--control", is_flag=True, help="Read commands for the engine from stdin; see below.")
@click.option("--firmware", type=click.Path(path_type=Path), hidden=True, help="Instead of it; for tests.")
def command(
    services: tuple[str, ...],
    profile: str | None,
    tls: dict[str, Any],
    config_file: Path | None,
    runtime: str,
    heap: str | None,
    transport: str | None,
    engine: str | None,
    port: str | None,
    device: str | None,
    state: Path | None,
    out: Path,
    jobs: int | None,
    timeout: float | None,
    name: str | None,
    as_json: bool,
    speed: float | None,
    buffer_size: int,
    flow: str,
    baud: int | None,
    width: int | None,
    control: bool,
    firmware: Path | None,
) -> None:
    """Run the firmware with an emulated print engine.

    The firmware connects to the service, takes its jobs and prints them on an emulated
    engine, an ESC/POS receipt printer when nothing else is said, at the other end of a pty. What
    each job printed is in OUT, one pixel a dot; a page ends where the paper was cut (behind a thermal
    head nothing cuts it). One line per change of state goes to stderr. Ends with 0 after N jobs, with
    1 when something failed, with 2 for wrong options.
    """
    config = read_config(config_file) if config_file is not None else {}
    _merge(config, services, profile, transport, engine, port, device, state, name, width)
    add_tls(config["services"], tls)
    # What the driver believes of its engine; a configuration file may say otherwise.
    known = {"buffer": buffer_size, "flow": _FLOWS[flow], "baud": baud, "speed": speed and int(speed)}
    settings = driver_setup(config["engine"]["driver"]).SETTINGS
    for key, value in known.items():
        if value and key in settings:
            config["engine"].setdefault(key, value)
    spi = config["engine"].get("port", settings.get("port", ("",))[0]) == "spi"
    heap = heap or default_heap(config, spi, runtime)
    micropython.parse_size(heap)
    relay = open_tty(Path(config["engine"]["device"])) if "device" in config["engine"] else None
    printer = emulated.make(
        config["engine"], _RELAY_BUFFER if relay else buffer_size, None if relay else speed
    )
    if "width" not in settings:
        config["engine"].pop("width", None)  # the engine tells it
    folder = Path(config["state"]).resolve()
    config["state"] = str(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        job_output.prepare(out)
    except OSError as error:
        raise OptionError(
            f"cannot write to the folder: {error.strerror}",
            where=str(error.filename),
            hint="give another folder with --out or --state",
        ) from error
    wire = Pty()
    try:
        config["engine"]["device"] = wire.device
        path = folder / CONFIG_NAME
        try:
            write_config(path, config)
        except OSError as error:
            raise job_output.cannot_write(error, path) from error
        args = firmware_command(path, runtime, heap, firmware)
        texts = EventText()

        def report(event: dict[str, Any]) -> None:
            if as_json:
                click.echo(json.dumps(event, ensure_ascii=False))
            else:
                line = texts.line(event, time.monotonic())
                if line is not None:
                    click.echo(line, err=True)

        def show(text: str) -> None:
            click.echo(text if as_json else stamp(text), err=True)

        supervisor = Supervisor(
            FirmwareProcess(args),
            printer,
            wire,
            out,
            report=report,
            show=show,
            jobs=jobs,
            timeout=timeout,
            flow=flow,
            baud=baud,
            device=relay,
            control=sys.stdin.fileno() if control else None,
            stop_seconds=stop_seconds(runtime),
            folders=job_output.folders(config["services"]),
        )
        status = supervisor.run()
    finally:
        wire.close()
        if relay is not None:
            relay.close()
    sys.exit(status)


def _merge(
    config: dict[str, Any],
    named: tuple[str, ...],
    profile: str | None,
    transport: str | None,
    engine: str | None,
    port: str | None,
    device: str | None,
    state: Path | None,
    name: str | None,
    width: int | None,
) -> None:
    """Put the options over what the file says, and the defaults under it."""
    if named:
        # Nothing of what the file says of another service goes with them, least of all credentials.
        config["services"] = [parse_service(each) for each in named]
    if "services" not in config:
        raise OptionError("no print service is named", hint="give --service ipp://HOST[:PORT]/PATH")
    for service in config["services"]:
        service.setdefault("profile", profile or PROFILES[0])
    parts = config.setdefault("engine", {})
    if engine is not None:
        parts["driver"] = engine
    if device is not None:
        parts["device"] = device
    parts.setdefault("driver", ENGINES[0])
    settings = driver_setup(parts["driver"]).SETTINGS
    if port is not None:
        if "port" in settings:
            parts["port"] = port
        if port not in settings.get("port", ("uart",)):  # a driver without the choice has a UART
            raise OptionError(f"the driver {parts['driver']} knows no port {port}", where="--port")
    has_width = "width" in settings or parts["driver"] in emulated.TELL_WIDTH
    if width is not None:
        parts["width"] = check_width(width, "--width")
        if not has_width:
            raise OptionError(f"the driver {parts['driver']} knows no width", where="--width")
    if has_width:
        parts.setdefault("width", DEFAULT_WIDTH)
    if transport is not None:
        config["transport"] = transport
    config.setdefault("transport", TRANSPORTS[0])
    check_services(config)
    if name is not None:
        config["name"] = name
    config.setdefault("name", "fetchprint")
    if state is not None:
        config["state"] = str(state)
    if "state" not in config:
        raise OptionError("no folder for the printer's state is named", hint="give --state DIR")
