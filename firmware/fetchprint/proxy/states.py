"""Numbers of the control connection's states: see ``control``."""

from fetchprint.port.native import micropython

const = micropython.const

DOWN = const(0)
REGISTER = const(1)
ACTIVE = const(2)
SUBSCRIBE = const(3)
RENEW = const(4)
LIST = const(5)
FETCH_JOB = const(6)
ACK_JOB = const(7)
ASK_OWNER = const(8)
FETCH_DOCUMENT = const(9)
ACK_DOCUMENT = const(10)
DOCUMENT_STATUS = const(11)
JOB_STATUS = const(12)
READ_BACK = const(13)
IDENTIFY = const(14)
REPORT = const(15)
DEREGISTER = const(16)
IDLE = const(17)
STREAM = const(18)
STOP = const(19)
STOPPED = const(20)
