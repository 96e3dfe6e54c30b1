"""The names and keywords of IPP cost a board no objects: in an image they are numbers.

``b"printer-info"`` is an object of 16 octets with 32 bits, wherever it stands, and where code is loaded
into the heap its octets besides; the firmware has a hundred and fifty. So before it is compiled for an image
they are put into one string, ``WORDS`` of ``ipp.encoder``, and the code has where each of them begins there,
and its length in the last eight bits: the encoder and the decoder take both. It is done where a word goes
nowhere else:

- the name and the value that the encoder is given, by itself or by ``keywords``
- what the decoder is asked to compare with
- a local ``name`` or ``attribute`` in a function that encodes
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from fetchprint_tools.constants import Edit, applied
from fetchprint_tools.scopes import span

_HOME = "fetchprint.ipp.encoder"
_EMPTY = 'WORDS = b""'
_ENCODER, _DECODER = "enc", "dec"
"""What they are called wherever this is done."""
_ENCODES = {"begin_collection", "boolean", "integer", "range", "resolution", "string"}
_COMPARES = {"member_is", "name_is", "value_is"}
_KEYWORDS = "keywords"
_LOCALS = {"attribute", "name"}
_LENGTH_BITS = 8


def numbered(sources: Mapping[str, str]) -> dict[str, str]:
    """``sources`` (module name to text) with numbers for words."""
    found = {name: list(_words(ast.parse(text))) for name, text in sources.items()}
    words = {value for nodes in found.values() for _, value in nodes}
    home = b""
    for word in sorted(words, key=lambda word: (-len(word), word)):
        if word not in home:
            home += word
    result = {}
    for name, text in sources.items():
        edits: list[Edit] = []
        for node, word in found[name]:
            edits.append((*span(node), str(home.index(word) << _LENGTH_BITS | len(word))))
        result[name] = applied(text, edits)
    if _HOME in result:
        if result[_HOME].count(_EMPTY) != 1:
            raise ValueError(f"{_HOME} has no place for the words")
        result[_HOME] = result[_HOME].replace(_EMPTY, f"WORDS = {home!r}")
    return result


def _words(tree: ast.Module) -> list[tuple[ast.Constant, bytes]]:
    places: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            places += _arguments(node)
        elif isinstance(node, ast.FunctionDef) and any(arg.arg == _ENCODER for arg in node.args.args):
            for part in ast.walk(node):
                if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) in _LOCALS:
                    places.append(part.value)
    found = {id(word): (word, value) for place in places for word, value in _literals(place)}
    return list(found.values())


def _arguments(call: ast.Call) -> list[ast.expr]:
    """Those that may be words."""
    function = call.func
    if ast.unparse(function).rpartition(".")[2] == _KEYWORDS:
        return call.args[1:3]
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
        return []
    if function.value.id == _DECODER and function.attr in _COMPARES:
        return call.args
    if function.value.id == _ENCODER and function.attr in _ENCODES:
        return [call.args[0], *call.args[2:3]]
    return []


def _literals(node: ast.expr) -> Iterator[tuple[ast.Constant, bytes]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, bytes) and node.value:
        yield node, node.value
    elif isinstance(node, ast.Tuple):
        for part in node.elts:
            yield from _literals(part)
    elif isinstance(node, ast.BoolOp):
        for part in node.values:
            yield from _literals(part)
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
