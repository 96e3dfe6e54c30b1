"""An emulated Raspberry Pi Pico W that runs unmodified MicroPython: its flash, console, UART and network."""
