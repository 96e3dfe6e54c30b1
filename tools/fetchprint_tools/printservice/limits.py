"""Every bound of the service, with its reason."""

from __future__ import annotations

MAX_DOCUMENT = 512 * 1024 * 1024
"""Octets of one document, unpacked: 30 MB of raster is usual, a photo book of PDF 200 MB."""

MAX_DOCUMENTS = 100
"""Documents of one job."""

MAX_ACTIVE_JOBS = 1000
"""Jobs that have not ended; more are refused as busy."""

JOB_HISTORY = 500
"""Ended jobs that are listed; the oldest goes first."""

JOB_MEMORY = 172800
"""Seconds that the end of a job is remembered at least: twice what the 2010 profile asks for (section 5)."""

MAX_MESSAGE = 65536
"""Octets of a message of the 2010 profile up to its end tag (section 1.2)."""

MAX_HELD = 64
"""Fetch-Print-Job requests that are held at a time: each keeps a connection open."""

OFFER_TIME = 60.0
"""Seconds that Fetch-Print-Job binds a job to a device (2010 profile, section 8.2)."""

NOT_NOW = 5.0
"""Seconds before a job is offered again to a device that could not take it just then."""

MAX_FETCH_WAIT = 300
"""fetch-wait, seconds."""

DOCUMENT_HISTORY = 20
"""Ended jobs whose documents stay on the disk."""

CODE_LETTERS = 10
"""Of a registration code; 5 random bits each."""

CODE_LEAST, CODE_MOST = 8, 63
"""Octets of a registration-code (section 7)."""

CODE_LIFE = 86400.0
"""Seconds that a registration code may be used for the first time."""

CODE_AGAIN = 600.0
"""Seconds that the device which used a code may use it again: the answer may have been lost."""

WRONG_CODES = 10
"""Registrations with a wrong code in ATTEMPTS_MINUTE seconds before all are refused as busy."""

ATTEMPTS_MINUTE = 60.0

PEM_LINES = 64
"""Of a certificate request; one of RSA with 4096 bits has 36."""

MAX_DEVICES = 100
"""Output devices of the queue."""

DEVICE_SILENCE = 120.0
"""Seconds without a request from a device after which it counts as gone: a held Get-Notifications makes
it speak every NOTIFY_WAIT seconds, and the 2010 profile has it report at least every 30."""

INCOMING_TIMEOUT = 120
"""multiple-operation-time-out: seconds between Create-Job and Send-Document."""

NOTIFY_WAIT = 30.0
"""Seconds that a Get-Notifications is held when nothing happens; common proxies cut at 60."""

MAX_SUBSCRIPTIONS = 100
"""Subscriptions of the queue."""

MAX_LEASE = 86400
"""notify-lease-duration, seconds: a device that never returns is forgotten after a day."""

EVENT_HISTORY = 500
"""Events kept for one subscription; the oldest is dropped first."""

EVENT_LIFE = 300
"""ippget-event-life: seconds that an event is kept at least, if EVENT_HISTORY allows."""

PIECE = 65536
"""Octets moved at a time."""
