"""Documents to try things with."""

from __future__ import annotations

from pathlib import Path

RECEIPT = Path(__file__).with_name("receipt.pdf")
"""One page, 80 mm x 200 mm: a delivery note with a drawing, a table, a grey gradient and small text."""
