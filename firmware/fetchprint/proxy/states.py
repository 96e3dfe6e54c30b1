"""Numbers of the control connection's states: see ``control``."""

from fetchprint.port.native import micropython

const = micropython.const

DOWN = const(0)
REGISTER = const(1)
ACTIVE = const(2)
SUBSCRIBE = const(3)
RENEW = const(4)
UNSUBSCRIBE = const(5)
LIST = const(6)
FETCH_JOB = const(7)
ACK_JOB = const(8)
ASK_OWNER = const(9)
FETCH_DOCUMENT = const(10)
ACK_DOCUMENT = const(11)
DOCUMENT_STATUS = const(12)
JOB_STATUS = const(13)
READ_BACK = const(14)
IDENTIFY = const(15)
REPORT = const(16)
DEREGISTER = const(17)
IDLE = const(18)
STREAM = const(19)
STOP = const(20)
STOPPED = const(21)
