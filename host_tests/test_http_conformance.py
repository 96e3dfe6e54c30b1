"""One conformance suite for both HTTP transports on both interpreters, against a hostile server."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fetchprint.http import limits
from http_replies import CHUNKED, CHUNKED_HEAD, HELLO, OK, PLAIN, REFUSED
from http_runtimes import Drive, OnMicroPython, Order, Result, on_cpython, with_transport
from http_server import Close, Drip, HostileServer, Request, Reset, Send, Stall, Step


@pytest.fixture(scope="module", params=["cpython", "micropython"])
def runtime(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drive]:
    if request.param == "cpython":
        yield on_cpython
        return
    driver = OnMicroPython(tmp_path_factory.mktemp("adafruit"), "192k")
    try:
        yield driver
    finally:
        driver.close()


@pytest.fixture(scope="module", params=["native", "adafruit"])
def drive(request: pytest.FixtureRequest, runtime: Drive) -> Drive:
    return functools.partial(with_transport, runtime, request.param)


def play(
    drive: Drive, script: list[list[Step]], requests: int | None = None, receive_buffer: int = 0, **order: Any
) -> list[Result]:
    """What came of the posts, after checking that the server saw exactly as many requests as ``requests``
    (default: one for each post)."""
    with HostileServer(script, receive_buffer) as server:
        results = drive({**order, "port": server.port})[0]
    assert len(server.requests) == (len(results) if requests is None else requests), results
    return results


def each(drive: Drive, script: list[list[Step]], variants: list[Order], **order: Any) -> list[Result]:
    """The single result of each variant: one connection of the script and one request for each."""
    with HostileServer(script) as server:
        results = drive({**order, "port": server.port, "each": variants})
    assert len(server.requests) == server.connections == len(variants)
    assert all(len(result) == 1 for result in results)
    return [result[0] for result in results]


def good(result: Result, body: bytes = HELLO) -> None:
    assert result == {"status": 200, "body": body.hex(), "retry_after": 0}


def failed(result: Result, words: str, sent: bool = True) -> None:
    assert words in result.get("error", ""), result
    assert result["sent"] is sent, result


def test_request_is_whole_and_well_formed(drive: Drive) -> None:
    with HostileServer([[Request(), Send(PLAIN), Request(), Send(PLAIN)]]) as server:
        first, second = drive({"port": server.port, "lengths": [300, 0]})[0]
        port = server.port
    good(first)
    good(second)
    assert server.connections == 1
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /ipp/print HTTP/1.1"
    fields = {line.split(b":")[0].lower(): line.split(b":", 1)[1].strip() for line in lines[1:]}
    assert len(fields) == len(lines) - 1
    assert fields[b"host"] == f"127.0.0.1:{port}".encode()
    assert fields[b"user-agent"].startswith(b"fetchprint/")
    assert fields[b"content-type"] == b"application/ipp"
    assert fields[b"authorization"] == b"Basic eDp5"
    assert fields[b"content-length"] == b"300"
    assert b"expect" not in fields and b"transfer-encoding" not in fields
    assert body == bytes(i & 0xFF for i in range(300))
    assert server.requests[1].endswith(b"\r\n\r\n")


def test_request_leaves_in_one_write(drive: Drive) -> None:
    """The first thing that the server can read is everything: no small packets."""
    pieces: list[bytes] = []

    class Watching(HostileServer):
        def _read_request(self, connection: Any, buffer: bytearray) -> bool:
            if not pieces:
                pieces.append(connection.recv(65536))
                buffer += pieces[0]
            return super()._read_request(connection, buffer)

    with Watching([[Request(), Send(PLAIN)]]) as server:
        good(drive({"port": server.port, "lengths": [200]})[0][0])
    assert pieces == server.requests


@pytest.mark.parametrize("reply", [PLAIN, CHUNKED], ids=["length", "chunked"])
def test_reply_split_everywhere(drive: Drive, reply: bytes) -> None:
    sizes: list[Order] = [{"rx": n} for n in range(1, len(reply) + 2)]
    for result in each(drive, [[Request(), Send(reply)]] * len(sizes), sizes):
        good(result)
    good(play(drive, [[Request(), Send(reply, piece=1)]])[0])
    good(play(drive, [[Request(), Drip(reply, 0.001)]])[0])


def test_chunks_of_many_sizes(drive: Drive) -> None:
    data = bytes(range(256)) * 40
    reply, at = CHUNKED_HEAD, 0
    for size in [1, 2, 15, 16, 17, 31, 32, 33, 255, 256, 257, 1024, 4095]:
        reply += b"%x\r\n" % size + data[at : at + size] + b"\r\n"
        at += size
    reply += b"%X;last\r\n" % (len(data) - at) + data[at:] + b"\r\n000\r\n\r\n"
    variants: list[Order] = [{"rx": rx} for rx in (16, 100, 256, 1000, 5000)]
    for result in each(drive, [[Request(), Send(reply)]] * len(variants), variants, digest=True):
        good(result, hashlib.sha256(data).digest())


def test_body_far_larger_than_the_heap(drive: Drive) -> None:
    data = bytes(range(251)) * 4000
    chunks = b"".join(b"3e8\r\n" + data[at : at + 1000] + b"\r\n" for at in range(0, len(data), 1000))
    replies = (OK + b"Content-Length: %d\r\n\r\n" % len(data) + data, CHUNKED_HEAD + chunks + b"0\r\n\r\n")
    for reply in replies:
        result = play(drive, [[Request(), Send(reply)]], rx=2048, digest=True)[0]
        good(result, hashlib.sha256(data).digest())


def test_interim_replies(drive: Drive) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    variants: list[Order] = [{"rx": rx} for rx in (1, 7, 40, 256)]
    script: list[list[Step]] = [[Request(), Send(interim + early + PLAIN)]] * len(variants)
    for result in each(drive, script, variants):
        good(result)
    flood = interim * (limits.INTERIM_MAX + 1) + PLAIN
    failed(play(drive, [[Request(), Send(flood)]])[0], "interim")


def test_keep_alive_over_several_posts(drive: Drive) -> None:
    script: list[Step] = []
    for reply in (PLAIN, CHUNKED, PLAIN, CHUNKED, PLAIN):
        script += [Request(), Send(reply)]
    with HostileServer([script]) as server:
        results = drive({"port": server.port, "lengths": [1, 50, 3, 0, 9]})[0]
    for result in results:
        good(result)
    assert server.connections == 1
    assert [len(r.partition(b"\r\n\r\n")[2]) for r in server.requests] == [1, 50, 3, 0, 9]


@pytest.mark.parametrize("ending", [Close(), Reset(), Send(b"HTTP/1.1 408 Idle\r\n\r\n")], ids=repr)
def test_idle_connection_that_ended_loses_no_request(drive: Drive, ending: Step) -> None:
    script: list[list[Step]] = [[Request(), Send(PLAIN), ending], [Request(), Send(PLAIN)]]
    with HostileServer(script) as server:
        results = drive({"port": server.port, "lengths": [1, 2], "until_closed": True})[0]
    # A reset may overtake the end of the first reply; then that post fails, and only that one.
    if not isinstance(ending, Reset):
        good(results[0])
    good(results[1])
    assert len(server.requests) == 2
    assert server.connections == 2


def test_connection_close_is_honoured(drive: Drive) -> None:
    closing = PLAIN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    results = play(drive, [[Request(), Send(closing)], [Request(), Send(closing)]], lengths=[1, 2])
    for result in results:
        good(result)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_replies(drive: Drive, name: str) -> None:
    reply, words = REFUSED[name]
    failed(play(drive, [[Request(), Send(reply)]])[0], words)
    failed(play(drive, [[Request(), Send(reply, piece=1 + len(reply) // 400)]], rx=16)[0], words)


def test_the_next_post_works_after_a_refused_reply(drive: Drive) -> None:
    last = PLAIN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    script: list[list[Step]] = []
    for reply, _ in REFUSED.values():
        script += [[Request(), Send(reply)], [Request(), Send(last)]]
    results = play(drive, script, lengths=[3] * len(script))
    for bad, fine in zip(results[::2], results[1::2], strict=True):
        assert "error" in bad
        good(fine)


def test_error_replies(drive: Drive) -> None:
    page = b"HTTP/1.1 401 Who\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<p>login!"
    busy = (
        b"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwait\r\n0\r\n\r\n"
    )
    date = b"HTTP/1.1 503 Busy\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\nContent-Length: 0\r\n\r\n"
    endless = b"HTTP/1.1 404 No\r\n\r\nno length"
    for reply, status, seconds in ((page, 401, 0), (busy, 503, 120), (date, 503, 0), (endless, 404, 0)):
        # The transports differ in whether the connection is kept: both must go on.
        onwards: list[Step] = [Request(), Send(reply), Request(), Send(PLAIN)]
        with HostileServer([onwards, [Request(), Send(PLAIN)]]) as server:
            first, second = drive({"port": server.port, "lengths": [1, 2]})[0]
        assert first == {"status": status, "body": "", "retry_after": seconds}
        good(second)
        assert len(server.requests) == 2


@pytest.mark.parametrize("reply", [PLAIN, CHUNKED], ids=["length", "chunked"])
def test_reply_cut_short_at_every_length(drive: Drive, reply: bytes) -> None:
    script: list[list[Step]] = [[Request(), Send(reply[:n]), Close()] for n in range(1, len(reply))]
    for n, result in enumerate(each(drive, script, [{} for _ in script]), 1):
        failed(result, "cut short")
        assert result["offset"] == n
        assert HELLO.startswith(bytes.fromhex(result["body"]))


def test_closed_without_a_reply(drive: Drive) -> None:
    failed(play(drive, [[Request(), Close()]])[0], "closed without a reply")


def test_reset_in_every_phase(drive: Drive) -> None:
    for reply in (b"", PLAIN[:20], PLAIN[:-2]):
        failed(play(drive, [[Request(), Send(reply), Reset()]])[0], "connection failed while reading")


def test_no_answer_at_all(drive: Drive) -> None:
    result = play(drive, [[Request(), Stall()]], tick=1000, wait_ms=240000)[0]
    failed(result, "no reply within 240000 ms")
    assert 240000 <= result["took"] <= 243000


def test_stalls_in_head_and_body(drive: Drive) -> None:
    result = play(drive, [[Request(), Send(PLAIN[:20]), Stall()]], tick=500)[0]
    failed(result, f"head not complete within {limits.HEAD_MS} ms")
    for reply in (PLAIN[:-2], CHUNKED[:-20], CHUNKED[:-1]):
        result = play(drive, [[Request(), Send(reply), Stall()]], tick=1000)[0]
        failed(result, f"body made no progress for {limits.BODY_MS} ms")
        assert limits.BODY_MS <= result["took"] <= limits.BODY_MS + 5000


def test_slow_drip_of_a_head_ends(drive: Drive) -> None:
    head = OK + b"A: b\r\n" * 20
    result = play(drive, [[Request(), Drip(head)]], tick=1000)[0]
    failed(result, f"head not complete within {limits.HEAD_MS} ms")


def test_slow_drip_of_chunk_framing_ends(drive: Drive) -> None:
    drip: list[Step] = [Request(), Send(CHUNKED_HEAD), Drip(b"1;" + b"x" * 62)]
    failed(play(drive, [drip], tick=1000)[0], "body made no progress")


def test_slow_drip_of_data_is_progress(drive: Drive) -> None:
    reply = OK + b"Content-Length: 40\r\n\r\n"
    good(play(drive, [[Request(), Send(reply), Drip(b"x" * 40, 0.01)]], tick=100)[0], b"x" * 40)


@pytest.mark.parametrize("transport", ["native", "adafruit"])
@pytest.mark.parametrize("runtime_name", ["cpython", "micropython"])
def test_server_that_never_reads(tmp_path: Path, runtime_name: str, transport: str) -> None:
    tx = 6000000  # more than the kernel's buffers hold; no board has it, so the heap is no board's either
    order = {"transport": transport, "tick": 1000, "tx": tx, "lengths": [tx - 1000]}
    with HostileServer([[Stall()]], receive_buffer=4096) as server:
        order["port"] = server.port
        if runtime_name == "cpython":
            result = on_cpython(order)[0][0]
        else:
            driver = OnMicroPython(tmp_path, "64m")
            try:
                result = driver(order)[0][0]
            finally:
                driver.close()
        assert not server.requests
    failed(result, f"request made no progress for {limits.SEND_MS} ms")


def test_nothing_listens(drive: Drive, free_port: int) -> None:
    result = drive({"port": free_port})[0][0]
    failed(result, "connection failed while sending", sent=False)


def test_host_that_does_not_resolve(drive: Drive) -> None:
    result = drive({"host": "no-such-host.invalid", "port": 631})[0][0]
    failed(result, "no-such-host.invalid", sent=False)
    assert "cannot resolve" in result["error"]


def test_body_that_does_not_fit(drive: Drive) -> None:
    result = drive({"port": 631, "lengths": [2000]})[0][0]
    assert "does not fit tx" in result["local"]


def test_abandoned_from_inside_idle(runtime: Drive) -> None:
    """Only the blocking transport calls idle."""
    order = functools.partial(with_transport, runtime, "adafruit")
    failed(play(order, [[Request(), Stall()]], abandon=3)[0], "abandoned")
