"""The built-in print service's page for people."""
