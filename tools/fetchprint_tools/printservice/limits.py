"""Every bound of the service, with its reason."""

from __future__ import annotations

MAX_DOCUMENT = 512 * 1024 * 1024
"""Octets of one document, unpacked: 30 MB of raster is usual, a photo book of PDF 200 MB."""

MAX_DOCUMENTS = 100
"""Documents of one job."""

MAX_ACTIVE_JOBS = 1000
"""Jobs that have not ended; more are refused as busy."""

JOB_HISTORY = 500
"""Ended jobs that are remembered; the oldest is forgotten first."""

DOCUMENT_HISTORY = 20
"""Ended jobs whose documents stay on the disk."""

MAX_DEVICES = 8
"""Output devices of the queue."""

DEVICE_SILENCE = 120.0
"""Seconds without a request from any device after which the queue calls itself offline: a held
Get-Notifications makes a device speak every NOTIFY_WAIT seconds."""

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
