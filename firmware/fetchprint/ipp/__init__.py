"""RFC 8010: the encoding of IPP messages."""
