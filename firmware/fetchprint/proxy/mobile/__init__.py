"""How the proxy works with a service of the 2010 profile (docs/mobile-operations.md)."""
