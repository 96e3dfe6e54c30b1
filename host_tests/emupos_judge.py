"""emupos's printer, run by the Python that has it: a command a line on stdin, an answer a line on stdout.

``octets HEX`` answers what the printer says (HEX or -), ``fault NAME on|off`` the same; ``receipts FOLDER``
writes the receipts so far as PNG files and answers how many.
"""

import sys
from pathlib import Path

from emupos.config import _load_profile
from emupos.printer.printer import Printer, PrinterFault

profile = _load_profile("epson-tm-t20iii", "printer", Path())
printer = Printer("judge", profile, sensor_open_level="low", job_idle_timeout_ms=1_000_000)
printer.open_connection("wire", 0.0)
receipts = []
for line in sys.stdin:
    what, *rest = line.split()
    if what == "receipts":
        for number, receipt in enumerate(receipts, 1):
            Path(rest[0], f"receipt-{number}.png").write_bytes(receipt.png)
        print(len(receipts), flush=True)
        continue
    if what == "octets":
        out = printer.receive("wire", bytes.fromhex(rest[0]), 0.0)
    else:
        out = printer.set_fault(PrinterFault(rest[0]), rest[1] == "on", 0.0)
    receipts += out.receipts
    print("".join(write.data.hex() for write in out.writes) or "-", flush=True)
