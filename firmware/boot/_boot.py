"""What a frozen build starts first, in place of the port's own ``_boot``: see ``storage``."""

import sys

import storage

if sys.platform == "rp2":
    import rp2

    storage.start(rp2.Flash(), progsize=256)  # a page of the flash is programmed at once
else:
    from flashbdev import bdev

    if bdev:
        storage.start(bdev)
