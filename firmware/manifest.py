# Freezes the firmware into a MicroPython of your own, where its code costs no heap:
#   make BOARD=... FROZEN_MANIFEST=/path/to/firmware/manifest.py
include("$(PORT_DIR)/boards/manifest.py")
package("fetchprint", opt=3)
module("main.py", opt=3)
