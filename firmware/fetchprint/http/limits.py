"""Every limit of the HTTP layer, each with its reason. Sizes are bytes, times milliseconds."""

# How long a peer may make us wait.
CONNECT_MS = 15000  # a TCP connect retries its SYN after 1, 3 and 7 s; one more is hopeless
SEND_MS = 15000  # without one byte of the request leaving; requests fit a socket's buffer
HEAD_MS = 10000  # first to last byte of a reply's head, so that a slow drip ends too
BODY_MS = 30000  # without one byte of the body while the consumer waits for it
# Bytes a second that buy new waiting time, up to BODY_MS; any link in use is faster. Only in http.client:
# with adafruit there is only one service, so nobody else waits for it.
BODY_RATE = 250
DISCARD_MS = 2000  # for the unread body of an error reply: longer than a new connection costs

# What a reply's head may cost.
LINE_MAX = 1024  # of the status line or one header line: nothing longer is meant for a printer
LINE_KEPT = 96  # of each line is kept to be understood: the headers that matter are short
TYPE_KEPT = 32  # of a media type that is not IPP, for the message about it
HEADERS_MAX = 64  # lines in one head
HEAD_MAX = 8192  # in one head, as common servers limit what they accept themselves
INTERIM_MAX = 8  # 1xx replies before the final one

# What a reply's body may cost.
CHUNK_LINE_MAX = 64  # chunk size and extensions, without CRLF
TRAILER_MAX = 1024  # after the last chunk
BODY_MAX = (1 << 30) - 2  # whole body: one less than the largest small int of 32 bits, so counting is free
DISCARD_MAX = 16384  # of an error reply's body: more costs more than a new connection
OFFSET_MAX = 1 << 29  # where counting an error's offset stops, for the same reason as BODY_MAX

RETRY_AFTER_MAX = 86400  # seconds: a service cannot silence a printer for longer than a day
LENGTH_DIGITS = 7  # of a request's Content-Length: tx is far smaller than 10 MB
