"""Runs the test functions of one module under MicroPython: ``micropython portable_runner.py MODULE TEST...``.

For each test one line goes to stdout, ``portable: pass NAME`` or ``portable: fail NAME``; what
the test printed and, on a failure, its traceback stand before that line.
"""

import gc
import sys

module = __import__(sys.argv[1])
for name in sys.argv[2:]:
    gc.collect()
    try:
        getattr(module, name)()
        verdict = "pass"
    except Exception as error:  # noqa: BLE001 - whatever a test raises is its failure, shown in full
        verdict = "fail"
        sys.print_exception(error, sys.stdout)
    print("portable: %s %s" % (verdict, name))
