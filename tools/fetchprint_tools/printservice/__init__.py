"""A small print service (IPP Infrastructure Printer, PWG 5100.18) for development and demonstration."""
