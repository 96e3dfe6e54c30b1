"""The host side of fetchprint: print service, emulated engines, demo and bench."""

__version__ = "0.1.0"
