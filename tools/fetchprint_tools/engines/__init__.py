"""Emulated print engines: sans-IO printers, the paper they print on, and the wire they hang on."""
