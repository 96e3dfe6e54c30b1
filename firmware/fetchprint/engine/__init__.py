"""Print engines: the seam a vendor ports, and one driver a language."""
