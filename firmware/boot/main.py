"""What a board starts first: it chooses the application and watches that it comes up.

``/boot.json`` names the slot (``a`` or ``b``) that holds the application, and counts resets that
nobody asked for. An update that has never reached a service after three of them is taken back
(``back`` is the slot from before); after six there is safe mode, ten minutes without the application.
The port takes the counts away once a service has answered.
"""

import json
import os
import sys
import time

import machine

_BACK_AFTER = 3
_SAFE_AFTER = 6
_SAFE_S = 600
_CRASH_S = 3  # for whoever wants to press Ctrl-C


def _say(**event):
    print(json.dumps(event))


def _state():
    try:
        with open("/boot.json") as file:
            return json.load(file)
    except (OSError, ValueError):
        return {"slot": "a"}  # none yet, or not whole: the slot that the first installation fills


def _save(state):
    with open("/boot.json.new", "w") as file:
        json.dump(state, file)
    os.rename("/boot.json.new", "/boot.json")


def _choose():
    state = _state()
    if machine.reset_cause() != machine.PWRON_RESET:
        state["resets"] = state.get("resets", 0) + 1
        if state["resets"] > _BACK_AFTER and "back" in state:
            text = "the update in slot %s did not work: back to %s" % (state["slot"], state["back"])
            _say(event="error", message=text)
            state = {"slot": state["back"], "resets": 1}
        _save(state)
    return state


def _start(state):
    sys.path.insert(0, "/" + state["slot"])
    import main as application

    application.run("/config.json")


def _again(seconds):
    time.sleep(seconds)
    machine.reset()


state = _choose()
if state.get("resets", 0) > _SAFE_AFTER:
    _say(event="error", message="safe mode: reset again and again; the next try is in %d s" % _SAFE_S)
    _again(_SAFE_S)
try:
    _start(state)
except Exception as error:  # noqa: BLE001 - the board must come back whatever it was
    sys.print_exception(error)
    _say(event="error", message="the firmware failed: %s" % error)
    _again(_CRASH_S)
