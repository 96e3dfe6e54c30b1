"""What a board starts first: it chooses the application and watches that it comes up.

``/boot.json`` names the slot (``a`` or ``b``) that holds the application, and counts resets that
nobody asked for. An update that has never reached a service after three of them is taken back
(``back`` is the slot from before); after six there is safe mode, ten minutes without the application
before it is tried once more. The port takes the counts away once a service has answered.

Nothing here may keep the board from starting: not a damaged file, and not a flash that is full or fails.
"""

import json
import os
import sys
import time

import machine

_SLOTS = ("a", "b")
_BACK_AFTER = 3
_SAFE_AFTER = 6
_SAFE_S = 600
_CRASH_S = 3  # for whoever wants to press Ctrl-C


def _say(**event):
    print(json.dumps(event))


def _state():
    """What ``/boot.json`` says; the slot that the first installation fills where it says nothing."""
    try:
        with open("/boot.json") as file:
            state = json.load(file)
        if state["slot"] in _SLOTS and state.get("back", "a") in _SLOTS and state.get("resets", 0) >= 0:
            return state
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass  # none yet, or not whole
    return {"slot": "a"}


def _save(state):
    try:
        with open("/boot.json.new", "w") as file:
            json.dump(state, file)
        os.rename("/boot.json.new", "/boot.json")
    except OSError as error:
        _say(event="error", message="/boot.json cannot be written, so resets are not counted: %s" % error)


def _choose():
    """The slot; None for safe mode."""
    state = _state()
    if machine.reset_cause() == machine.PWRON_RESET:
        return state["slot"]
    resets = state.get("resets", 0) + 1
    if resets > _BACK_AFTER and "back" in state:
        text = "the update in slot %s did not work: back to %s" % (state["slot"], state["back"])
        _say(event="error", message=text)
        state = {"slot": state["back"]}
        resets = 1
    safe = resets > _SAFE_AFTER
    state["resets"] = _SAFE_AFTER - 1 if safe else resets  # safe mode is followed by one more try
    _save(state)
    return None if safe else state["slot"]


def _start(slot):
    sys.path.insert(0, "/" + slot)
    import main as application

    application.run("/config.json")


def _again(seconds):
    time.sleep(seconds)
    machine.reset()


slot = _choose()
if slot is None:
    _say(event="error", message="safe mode: reset again and again; the next try is in %d s" % _SAFE_S)
    _again(_SAFE_S)
else:
    try:
        _start(slot)
    except SystemExit:
        _again(_CRASH_S)  # it has said why; without this MicroPython would start it again at once
    except Exception as error:  # noqa: BLE001 - the board must come back whatever it was
        sys.print_exception(error)
        _say(event="error", message="the firmware failed: %s" % error)
        _again(_CRASH_S)
