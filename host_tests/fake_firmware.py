"""Stands in for the firmware in tests of the supervisor: a script of steps from the state folder.

Run as ``fake_firmware.py CONFIG.json``; STATE/steps.json is a list of steps:
["event", {...}], ["bytes", HEX], ["raster", LINES, OCTET], ["text", STRING], ["confirm"],
["poll"] (DLE EOT 1, waits for the answer), ["stdout"/"stderr", TEXT], ["exit", STATUS],
["raise", TEXT], ["ignore-stop"] (until stdin ends).
At the end it waits for "stop" on stdin, writes a "stopped" event and exits with 0.
"""

import json
import os
import sys
import tty


def say(event):
    print(json.dumps(event), flush=True)


def read(device, count):
    data = b""
    while len(data) < count:
        data += os.read(device, count - len(data))
    return data


def run(config):
    state = config["state"]
    with open(os.path.join(state, "steps.json")) as file:
        steps = json.load(file)
    device = os.open(config["engine"]["device"], os.O_RDWR | os.O_NOCTTY)
    tty.setraw(device)
    stride = config["engine"]["width"] // 8

    def send(data):
        while data:
            data = data[os.write(device, data) :]

    for kind, *rest in steps:
        if kind == "event":
            say(rest[0])
        elif kind == "bytes":
            send(bytes.fromhex(rest[0]))
        elif kind == "raster":
            lines, octet = rest
            send(b"\x1dv0\0" + bytes((stride & 255, stride >> 8, lines & 255, lines >> 8)))
            send(bytes((octet,)) * (stride * lines))
        elif kind == "text":
            send(rest[0].encode())
        elif kind == "confirm":
            send(b"\x1dr\x01")
            while read(device, 1)[0] & 0x10:
                pass  # a real-time status that was asked for before
        elif kind == "poll":
            send(b"\x10\x04\x01")
            say({"event": "status", "message": read(device, 1).hex()})
        elif kind == "stdout":
            print(rest[0], flush=True)
        elif kind == "stderr":
            print(rest[0], file=sys.stderr, flush=True)
        elif kind == "exit":
            sys.exit(rest[0])
        elif kind == "raise":
            raise RuntimeError(rest[0])
        elif kind == "ignore-stop":
            while sys.stdin.readline():
                pass
        else:
            raise ValueError(kind)
    while sys.stdin.readline().strip() not in ("stop", ""):
        pass
    say({"event": "stopped"})


with open(sys.argv[1]) as file:
    run(json.load(file))
