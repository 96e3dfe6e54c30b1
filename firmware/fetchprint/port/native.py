"""Decorators and types for inner loops: viper on MicroPython, plain Python on CPython.

MicroPython's compiler recognises ``@micropython.viper`` by its spelling, so a module
that has an inner loop says ``from fetchprint.port.native import micropython, ptr8, ptr32``
and writes the decorator in full. Viper arithmetic is 32 bits wide and signed.
"""

import sys

# Not try-import: on CPython other packages bring a module of this name.
if sys.implementation.name == "micropython":
    import micropython
else:

    class micropython:  # the stand-in keeps MicroPython's spelling
        """CPython runs the same source undecorated."""

        @staticmethod
        def viper(function):
            return function

        native = viper

        @staticmethod
        def const(value):
            return value


# Named in annotations only: viper knows these types itself.
ptr8 = ptr16 = ptr32 = None
