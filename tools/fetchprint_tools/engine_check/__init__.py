"""``fetchprint engine-check``: a driver against an emulated engine, through all that can happen to one.

The driver runs in a process of its own, on either interpreter, with a clock and a wire that are given to
it; so a minute of paper takes a second, and every run is the same.
"""
