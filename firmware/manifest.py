# Freezes the firmware into a MicroPython of your own, where its code costs no heap:
#   make BOARD=... FROZEN_MANIFEST=/path/to/firmware/manifest.py
include("$(PORT_DIR)/boards/manifest.py")
# The port's own start-up formats, or gives up on, a file system that cannot be mounted once.
files = include.__self__.files()
files[:] = [file for file in files if file.target_path != "_boot.py"]
module("_boot.py", base_path="boot", opt=3)
module("storage.py", base_path="boot", opt=3)
package("fetchprint", opt=3)
module("main.py", opt=3)
