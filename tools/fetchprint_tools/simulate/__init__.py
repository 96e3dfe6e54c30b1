"""The firmware's own modules in a world of its own: virtual clock, network, services, flash and engine,
each of which fails on command (docs/reliability.md)."""
