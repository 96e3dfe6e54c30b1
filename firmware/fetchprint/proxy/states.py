"""Numbers of the states that every profile has: see ``control``. Each profile numbers its own from 10 on."""

from fetchprint.port.native import micropython

const = micropython.const

DOWN = const(0)
IDLE = const(1)  # connected, with nothing to do
STREAM = const(2)  # a document flows to the engine
STOP = const(3)  # the engine is being stopped in mid-document
STOPPED = const(4)  # the clean stop is done
# Those from here on have a request.
START = const(5)  # the first after DOWN: what the device is
REPORT = const(6)  # printer-state
FETCH = const(7)  # a document of a job that is ours
ENDING = const(8)  # how the job ended
LEAVE = const(9)  # good-bye
