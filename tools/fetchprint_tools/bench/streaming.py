"""Parts 3 and 4: throughput against a bare loop, and what streaming and messages allocate."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from fetchprint.ipp import tags
from fetchprint_tools.bench import device_run
from fetchprint_tools.bench.feeder import Feeder, PtySink, SocketSink
from fetchprint_tools.bench.figures import Part, Row, Settings, Tell, median
from fetchprint_tools.errors import UserError
from fetchprint_tools.message import Collection, Message
from fetchprint_tools.raster import write_pwg
from fetchprint_tools.samples.rasters import PWG, URF, encode

TARGET = 0.9
"""Of the bare loop's throughput."""

MEGABYTE = 1 << 20
_SIZES = {"socket": 48 * MEGABYTE, "pty": 16 * MEGABYTE}
_SINKS: dict[str, type[SocketSink] | type[PtySink]] = {"socket": SocketSink, "pty": PtySink}
_ROUNDS, _QUICK_ROUNDS = 7, 3
_SECONDS = 60.0
_ALLOCATION_OCTETS = 4 * MEGABYTE


def throughput(rom: Path, settings: Settings, tell: Tell) -> Part:
    """Each round measures both sides, one after the other; the ratio is the median of the rounds' ratios."""
    part = Part("throughput", "Streaming a document", ("chain", "bare loop", "ratio"))
    part.notes.append(
        "HTTP client, pass-through, engine driver against reading and writing alone: same buffer of 1,460 "
        "octets, same streams, same interpreter, in turn."
    )
    part.facts["runs"] = runs = []
    rounds = _QUICK_ROUNDS if settings.quick else _ROUNDS
    for runtime in device_run.RUNTIMES:
        for kind in _SINKS:
            tell(f"{runtime}, into a {kind}")
            runs.append(_one(rom, part, runtime, kind, rounds))
    return part


def _one(rom: Path, part: Part, runtime: str, kind: str, rounds: int) -> dict[str, Any]:
    octets = _SIZES[kind]
    sink = _SINKS[kind]()
    try:
        with Feeder(octets) as feeder:
            arguments = [str(feeder.reply_port), str(feeder.raw_port), sink.name, str(octets), str(rounds)]
            figures = device_run.run(rom, runtime, "bench_chain", arguments, timeout=_SECONDS)
    finally:
        sink.close()
    chain = octets / 1000 / median([each["chain"] for each in figures])
    bare = octets / 1000 / median([each["bare"] for each in figures])
    ratio = median([each["bare"] / each["chain"] for each in figures])
    part.rows.append(
        Row(
            f"{runtime}, TCP to {kind}",
            f"{chain:.1f} MB/s",
            f"{bare:.1f} MB/s",
            f"{ratio:.2f}",
            f">= {TARGET}",
            ratio >= TARGET,
        )
    )
    return {
        "runtime": runtime,
        "sink": kind,
        "octets": octets,
        "rounds-ms": figures,
        "chain-megabytes-per-second": round(chain, 2),
        "bare-megabytes-per-second": round(bare, 2),
        "ratio": round(ratio, 3),
    }


_WHAT = {
    "stream-raw": "a document of {octets:,} octets in the engine's language",
    "stream-raster": "a document of {octets:,} octets of raster, halftoned",
    "encode": "{requests} requests encoded",
    "decode-fetch-job": "a Fetch-Job reply of {octets:,} octets decoded",
    "decode-get-jobs": "a Get-Jobs reply with 20 jobs, {octets:,} octets, decoded",
}


def allocation(rom: Path, _settings: Settings, tell: Tell) -> Part:
    """On MicroPython with the collector off."""
    part = Part("allocation", "Heap taken while working (MicroPython)", ("bytes", "", ""))
    tell("streaming and messages with the collector off")
    sink = SocketSink()
    try:
        with (
            TemporaryDirectory(prefix="fetchprint-bench-") as folder,
            Feeder(_ALLOCATION_OCTETS, page(200)) as feeder,
        ):
            replies = []
            for name, message in (("job", fetch_job_reply()), ("jobs", get_jobs_reply(20))):
                path = Path(folder, name)
                path.write_bytes(message.encode())
                replies.append(str(path))
            arguments = [str(feeder.reply_port), sink.name, str(_ALLOCATION_OCTETS), *replies]
            figures = device_run.run(rom, "micropython", "bench_allocation", arguments, timeout=_SECONDS)
    finally:
        sink.close()
    for each in figures:
        what = _WHAT[each["what"]].format(**each)
        part.rows.append(Row(what, f"{each['bytes']}", target="0", met=each["bytes"] == 0))
    if [each["what"] for each in figures] != list(_WHAT):
        raise UserError("bench_allocation ended early", where=str(figures))
    part.facts["runs"] = figures
    return part


def raster(rom: Path, settings: Settings, tell: Tell) -> Part:
    """The bundled sample page with each halftone, and a photograph in each raster type."""
    part = Part(
        "raster",
        "Raster, 576 dots: decoded and halftoned",
        ("lines/s", "ns a dot", "bytes a page"),
    )
    part.notes.append("The bundled sample page, then a photograph; the engine takes each line at once.")
    part.facts["runs"] = runs = []
    with TemporaryDirectory(prefix="fetchprint-bench-") as folder:
        path = Path(folder, "page.pwg")
        path.write_bytes(sample_page())
        for runtime in device_run.RUNTIMES:
            tell(runtime)
            ms = "500" if settings.quick else "2000"
            arguments = [str(path), ms, *_formats(Path(folder))]
            for each in device_run.run(rom, runtime, "bench_raster", arguments, timeout=_SECONDS):
                rate = each["lines"] * 1000 / each["ms"]
                what = each.get("halftone") or f"a photograph as {each['format']}"
                row = Row(
                    f"{runtime}, {what}", f"{rate:,.0f}", f"{each['ms'] * 1e6 / each['lines'] / 576:,.0f}"
                )
                if each.get("bytes-a-page", -1) >= 0:
                    met = each["bytes-a-page"] == 0
                    row = replace(row, ratio=str(each["bytes-a-page"]), target="0 bytes", met=met)
                part.rows.append(row)
                runs.append({"runtime": runtime, **each, "lines-per-second": round(rate)})
    return part


def _formats(folder: Path) -> list[str]:
    """A photograph in every raster type, as ``bench_raster`` takes it."""
    photo = Image.radial_gradient("L").resize((576, 200))
    picture = Image.merge("RGB", (photo, photo.rotate(90), photo.rotate(180)))
    found: list[str] = []
    for mime, kind in (
        *((PWG, kind) for kind in ("black_1", "black_8", "sgray_8", "srgb_8")),
        *((URF, kind) for kind in ("sgray_8", "srgb_8")),
    ):
        path = folder / f"{len(found)}.raster"
        path.write_bytes(encode([picture], mime, kind, 203))
        found.append(f"{mime.split('/')[1]} {kind},{mime},{path}")
    return found


def page(height: int, name: str = "") -> bytes:
    """A page of grey, 576 dots wide, every dot written out; ``name`` is its media name."""
    picture = Image.linear_gradient("L").resize((576, height))
    out = io.BytesIO()
    write_pwg([picture], out, dpi=203, media_name=name, runs=False)
    return out.getvalue()


def sample_page() -> bytes:
    """The bundled sample as a service renders it for a head of 576 dots."""
    from fetchprint_tools.render.media import Media
    from fetchprint_tools.render.rendering import Rendering, Target

    sample = Path(__file__).parents[1] / "samples" / "receipt.pdf"
    media = Media.from_name("om_72mm-roll_72.07x203mm")
    if media is None:
        raise UserError("the media name of the sample is not understood")
    out = io.BytesIO()
    rendering = Rendering(sample, "application/pdf", Target(203, "sgray_8", media))
    try:
        rendering.write(out)
    finally:
        rendering.close()
    return out.getvalue()


def fetch_job_reply() -> Message:
    """A Fetch-Job reply with what a service says of a job."""
    message = Message.response(0, 7)
    job = message.add_group(tags.JOB)
    job.add("job-id", tags.INTEGER, 1208)
    job.add("job-uri", tags.URI, "ipp://127.0.0.1:631/ipp/print/infra/1208")
    job.add("job-uuid", tags.URI, "urn:uuid:8a1bd4e2-5c1d-3f1c-62a0-6a1f0e3d9b11")
    job.add("job-name", tags.NAME, "Quarterly report")
    job.add("job-originating-user-name", tags.NAME, "someone")
    job.add("job-state", tags.ENUM, 3)
    job.add("job-state-reasons", tags.KEYWORD, "job-fetchable")
    job.add("number-of-documents", tags.INTEGER, 1)
    job.add("document-format-supplied", tags.MIME_MEDIA_TYPE, "application/pdf")
    size = Collection()
    size.add("x-dimension", tags.INTEGER, 8000)
    size.add("y-dimension", tags.INTEGER, 20000)
    media = Collection()
    media.add("media-size", tags.BEGIN_COLLECTION, size)
    media.add("media-type", tags.KEYWORD, "labels")
    job.add("media-col", tags.BEGIN_COLLECTION, media)
    for number in range(20):
        job.add(f"job-attribute-{number}", tags.KEYWORD, "some-keyword-value")
    return message


def get_jobs_reply(count: int) -> Message:
    """A Get-Jobs reply with ``count`` fetchable jobs, the newest first as ippserver has them."""
    message = Message.response(0, 7)
    for number in range(count, 0, -1):
        job = message.add_group(tags.JOB)
        job.add("job-id", tags.INTEGER, 300 + number)
        job.add("job-state", tags.ENUM, 3)
        job.add("job-state-reasons", tags.KEYWORD, "job-fetchable")
        job.add("job-uri", tags.URI, f"ipp://127.0.0.1:631/ipp/print/infra/{300 + number}")
    return message
