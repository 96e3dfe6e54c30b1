"""HTTP/1.1 as IPP uses it: POST, one connection to one service."""
