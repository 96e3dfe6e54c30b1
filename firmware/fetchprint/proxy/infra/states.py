"""Numbers of the states with an Infrastructure Printer: the common ones by the name of their request,
then its own. See ``profile``."""

from fetchprint.port.native import micropython
from fetchprint.proxy import states

const = micropython.const

DOWN = states.DOWN
IDLE = states.IDLE
STOPPED = states.STOPPED
REGISTER = states.START
REPORT = states.REPORT
FETCH_DOCUMENT = states.FETCH
JOB_STATUS = states.ENDING
DEREGISTER = states.LEAVE
ACTIVE = const(10)
SUBSCRIBE = const(11)
RENEW = const(12)
UNSUBSCRIBE = const(13)
LIST = const(14)
FETCH_JOB = const(15)
ACK_JOB = const(16)
ASK_OWNER = const(17)
ACK_DOCUMENT = const(18)
DOCUMENT_STATUS = const(19)
READ_BACK = const(20)
IDENTIFY = const(21)
ASK_JOB = const(22)
REVEALED = const(23)
