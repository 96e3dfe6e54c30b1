"""The deflate coding (RFC 1951): stops for want of octets or room wherever that is, and goes on from there.

Its codes and tables are those of ``huffman``.
"""

from fetchprint.document import huffman
from fetchprint.port.native import micropython, ptr8, ptr16, ptr32

# Indexes into the state. Octets are taken from POS up to LIMIT and put to OUT up to STOP; behind them TRAILER
# has four 16-bit numbers that follow the data. The rest is inflate's own.
POS, LIMIT, OUT, STOP, TRAILER = range(5)
SIZE = 20

NEED, FULL, END = range(3)
"""What ``inflate`` answers: octets are needed, there is no more room, all is done. Above: what is wrong."""


@micropython.viper
def _blocks(state: ptr32, src: ptr8, out: ptr8, table: ptr16) -> int:
    # As inflate. 8 to 10: a code is to be made, for code lengths, of those that were read, the fixed one.
    pos = int(state[0])
    limit = int(state[1])
    at = int(state[2])
    stop = int(state[3])
    bits = int(state[8])
    n = int(state[9])  # bits there are
    stage = int(state[10])
    last = int(state[11])
    left = int(state[12])  # octets to copy, lengths to read
    distance = int(state[13])
    literals = int(state[14])
    distances = int(state[15])
    index = int(state[16])
    reach = int(state[17])  # octets that may be referred back to
    symbol = int(state[18])
    answer = -1
    while answer < 0:
        while n < 16 and pos < limit:
            bits |= int(src[pos]) << n
            n += 8
            pos += 1
        if stage == 5 or stage == 6 or stage == 8:
            # a symbol of a code: lengths, literals, distances
            counts = 304 if stage == 8 else 0
            code = 0
            first = 0
            place = counts + 16
            length = 1
            rest = bits
            symbol = -1
            while symbol < 0 and length <= n and length < 16:
                code |= rest & 1
                rest >>= 1
                count = int(table[counts + length])
                if code - count < first:
                    symbol = int(table[place + code - first])
                else:
                    place += count
                    first = (first + count) << 1
                    code <<= 1
                    length += 1
            if symbol < 0:
                answer = 6 if length == 16 else 0
            elif stage == 5:
                # 16 to 18 repeat, by a number in the bits that follow
                more = 0
                count = 1
                value = symbol
                if symbol > 15:
                    more = 2 if symbol == 16 else 3 if symbol == 17 else 7
                    if n < length + more:
                        answer = 0
                    count = (11 if symbol == 18 else 3) + ((bits >> length) & ((1 << more) - 1))
                    value = 0
                    if symbol == 16:
                        if index == 0:
                            answer = 5
                        else:
                            value = int(table[352 + index - 1])
                if answer < 0 and index + count > literals + distances:
                    answer = 5
                if answer < 0:
                    bits >>= length + more
                    n -= length + more
                    while count:
                        table[352 + index] = value
                        index += 1
                        count -= 1
                    if index == literals + distances:
                        stage = 6
                        answer = 9
            elif stage == 6:
                if symbol < 256:
                    if at == stop:
                        answer = 1
                    else:
                        out[at] = symbol
                        at += 1
                        reach += 1
                elif symbol == 256:
                    stage = 11 if last else 0
                elif symbol > 285:
                    answer = 6
                else:
                    index = symbol - 257
                    stage = 7
                if answer < 0:
                    bits >>= length
                    n -= length
            else:
                index = symbol
                stage = 9
                bits >>= length
                n -= length
        elif stage == 7 or stage == 9:
            more = int(table[720 + index]) if stage == 7 else int(table[784 + index])
            if n < more:
                answer = 0
            else:
                value = bits & ((1 << more) - 1)
                bits >>= more
                n -= more
                if stage == 7:
                    left = int(table[688 + index]) + value
                    stage = 8
                else:
                    distance = int(table[752 + index]) + value
                    stage = 10
                    if distance > reach:
                        answer = 7
        elif stage == 10:
            count = left
            if count > stop - at:
                count = stop - at
            left -= count
            reach += count
            while count:
                out[at] = int(out[(at - distance) & 32767])
                at += 1
                count -= 1
            if left:
                answer = 1
            else:
                stage = 6
        elif stage == 0:
            # a block's head
            if n < 3:
                answer = 0
            else:
                last = bits & 1
                value = (bits >> 1) & 3
                bits >>= 3
                n -= 3
                if value == 0:
                    bits >>= n & 7
                    n -= n & 7
                    stage = 1
                elif value == 1:
                    stage = 6
                    answer = 10
                elif value == 2:
                    stage = 3
                else:
                    answer = 3
        elif stage == 1 or stage == 2:
            # a stored block's length, and its complement
            if n < 16:
                answer = 0
            else:
                value = bits & 0xFFFF
                bits >>= 16
                n -= 16
                if stage == 1:
                    left = value
                    stage = 2
                elif value ^ 0xFFFF != left:
                    answer = 4
                else:
                    stage = 12
        elif stage == 12:
            if left == 0:
                stage = 11 if last else 0
            elif at == stop:
                answer = 1
            elif n:
                out[at] = bits & 0xFF
                bits >>= 8
                n -= 8
                at += 1
                left -= 1
                reach += 1
            else:
                answer = 0
        elif stage == 3:
            if n < 14:
                answer = 0
            else:
                literals = (bits & 31) + 257
                distances = ((bits >> 5) & 31) + 1
                left = ((bits >> 10) & 15) + 4
                bits >>= 14
                n -= 14
                stage = 4
                if literals > 286 or distances > 30:
                    answer = 5
                index = 0
                while index < 19:
                    table[352 + index] = 0
                    index += 1
                index = 0
        elif stage == 4:
            if n < 3:
                answer = 0
            else:
                table[352 + int(table[816 + index])] = bits & 7
                bits >>= 3
                n -= 3
                index += 1
                if index == left:
                    index = 0
                    stage = 5
                    answer = 8
        elif stage == 11:
            # the trailer begins at an octet
            bits >>= n & 7
            n -= n & 7
            index = 0
            stage = 13
        elif n < 16:
            answer = 0
        else:
            state[4 + index] = bits & 0xFFFF
            bits >>= 16
            n -= 16
            index += 1
            if index == 4:
                answer = 2
    if reach > 32768:
        reach = 32768
    state[0] = pos
    state[2] = at
    state[8] = bits
    state[9] = n
    state[10] = stage
    state[11] = last
    state[12] = left
    state[13] = distance
    state[14] = literals
    state[15] = distances
    state[16] = index
    state[17] = reach
    state[18] = symbol
    return answer


def inflate(state, src, out, table) -> int:
    """Go on. ``out`` is a window of 32768 octets, used round and round."""
    while True:
        answer = _blocks(state, src, out, table)
        if answer < 8:
            return answer
        if answer == 8:
            good = huffman.of_lengths(table)
        elif answer == 9:
            good = huffman.dynamic(table, state[14], state[15])
        else:
            good = huffman.fixed(table)
        if not good:
            return 5
