"""``python -m fetchprint_tools`` is the ``fetchprint`` command."""

from fetchprint_tools.cli import main

main()
