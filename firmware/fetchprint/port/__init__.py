"""The only room that knows chip or interpreter."""
