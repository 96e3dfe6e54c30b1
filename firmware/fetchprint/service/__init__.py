"""Print service profiles: operations as functions, quirks as data."""
