"""What each group of modules costs of MicroPython's heap once it is imported, its code lying in ROM."""

# mypy: ignore-errors
# (MicroPython runs it, and parts of its standard library are its own)

import gc


def measure(*groups: str):
    """``groups``: ``NAME=module,module``, imported in this order. Yields bytes, first what was there."""
    gc.collect()
    used = gc.mem_alloc()
    yield {"group": "", "bytes": used, "size": used + gc.mem_free()}
    for group in groups:
        name, modules = group.split("=")
        gc.collect()
        used = gc.mem_alloc()
        for module in modules.split(","):
            __import__(module)
        gc.collect()
        yield {"group": name, "bytes": gc.mem_alloc() - used}
