"""One file for each driver of ours: its ``ADAPTER``."""
