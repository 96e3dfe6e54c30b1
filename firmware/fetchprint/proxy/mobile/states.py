"""Numbers of the states in the 2010 profile: the common ones by the name of their request, then its
own. See ``profile``."""

from fetchprint.port.native import micropython
from fetchprint.proxy import states

const = micropython.const

DOWN = states.DOWN
IDLE = states.IDLE
STOPPED = states.STOPPED
DESCRIBE = states.START
REPORT = states.REPORT
FETCH_AGAIN = states.FETCH
END = states.ENDING
LEAVE = states.LEAVE
ASK = const(10)
ACCEPT = const(11)
REJECT = const(12)
