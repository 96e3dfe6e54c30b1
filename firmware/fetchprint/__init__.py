VERSION = "0.1.0"

# The day of this release: no certificate is judged by an earlier time.
RELEASED = "20260701000000"
