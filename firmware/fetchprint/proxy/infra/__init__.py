"""How the proxy works with an Infrastructure Printer (PWG 5100.18)."""
