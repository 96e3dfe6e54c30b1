"""Public, private, never: the addresses that documents may come from."""

from fetchprint.http.rules import NEVER, PRIVATE, PUBLIC, kind


def test_addresses():
    for raw, what in (
        (b"\x05\x09\x01\x02", PUBLIC),
        (b"\x08\x08\x08\x08", PUBLIC),
        (b"\xac\x0f\xff\xff", PUBLIC),
        (b"\xac\x20\x00\x00", PUBLIC),
        (b"\x7f\x00\x00\x01", PRIVATE),
        (b"\x7f\xff\xff\xfe", PRIVATE),
        (b"\x0a\x01\x02\x03", PRIVATE),
        (b"\xac\x10\x00\x01", PRIVATE),
        (b"\xac\x1f\xff\xff", PRIVATE),
        (b"\xc0\xa8\x01\x01", PRIVATE),
        (b"\x64\x40\x00\x01", PRIVATE),
        (b"\x64\x7f\xff\xff", PRIVATE),
        (b"\x64\x80\x00\x01", PUBLIC),
        (b"\xa9\xfe\xa9\xfe", NEVER),  # the clouds' metadata
        (b"\x00\x00\x00\x00", NEVER),
        (b"\xe0\x00\x00\xfb", NEVER),
        (b"\xff\xff\xff\xff", NEVER),
        (bytes(16), NEVER),
        (bytes(15) + b"\x01", PRIVATE),
        (bytes(10) + b"\xff\xff\x7f\x00\x00\x01", PRIVATE),
        (bytes(10) + b"\xff\xff\xa9\xfe\xa9\xfe", NEVER),
        (bytes(10) + b"\xff\xff\x08\x08\x08\x08", PUBLIC),
        (bytes(12) + b"\x7f\x00\x00\x01", NEVER),  # IPv4-compatible, long gone
        (b"\x00\x64\xff\x9b" + bytes(8) + b"\x7f\x00\x00\x01", NEVER),  # NAT64
        (b"\x20\x02\x7f\x00\x00\x01" + bytes(10), NEVER),  # 6to4
        (b"\x20\x01\x00\x00" + bytes(12), NEVER),  # Teredo
        (b"\xfe\x80" + bytes(14), NEVER),
        (b"\xff\x02" + bytes(14), NEVER),
        (b"\xfd\x12" + bytes(14), PRIVATE),
        (b"\x2a\x00\x14\x50" + bytes(12), PUBLIC),
        (b"", NEVER),
        (b"\x08\x08\x08", NEVER),
    ):
        assert kind(raw) == what, raw
