"""Programs for test_shorten: each says something else, or nothing, where a rule of shortening is left out."""

PROGRAMS = {
    "attributes of classes that inherit from one another are apart": """
class Base:
    one = 1
    def __init__(self): self.first_own = 2
    def first(self): return self.second() + self.first_own
    def second(self): return 10
class Left(Base):
    def __init__(self):
        Base.__init__(self)
        self.left_own = 3
    def third(self): return self.first() + self.left_own
class Right(Base):
    def second(self): return 20
    def fourth(self): return self.first() * 2
def run(): print(Left().third(), Right().fourth(), Right.one)
""",
    "an attribute that is stored from elsewhere may be on any object": """
class Some:
    def __init__(self): self.mine = 1
class Other:
    def __init__(self): self.yours = 2
def mark(thing, value): thing.marked_here = value
def run():
    some, other = Some(), Other()
    mark(some, 5)
    mark(other, 6)
    print(some.mine, some.marked_here, other.yours, other.marked_here)
""",
    "a parameter is not what a function takes from elsewhere": """
LIMIT_OF_ALL = [3]
def helper(value): return value + 1
def use(values, start, end, key):
    inner = lambda part: helper(part) + len(values) + LIMIT_OF_ALL[0]
    return [inner(value) + start for value in sorted(values)] + [end, key, max(values)]
def run(): print(use([1, 2], 5, 6, 7), sum([1]), abs(-1), min(2, 1))
""",
    "a parameter that a call names keeps its name, and one beside ** takes none of them": """
def event(kind_of_it, **fields): return kind_of_it, sorted(fields.items())
def plain(first_thing, second_thing=2): return first_thing - second_thing
def run(): print(event("a", self=1, append=2, end=3), plain(second_thing=1, first_thing=5))
""",
    "closures see what is around them": """
def outer(first_value, second_value):
    def put(third_value):
        def deeper(fourth_value): return first_value + second_value * third_value + fourth_value
        return deeper(1)
    total = 0
    for number in range(3): total += put(number)
    return total
def counted(start_value):
    total = start_value
    def more(by_how_much):
        nonlocal total
        total += by_how_much
        return total
    more(2)
    return more(3)
def run(): print(outer(1, 2), counted(4))
""",
    "a class's own names hide globals in its body, not in its methods": """
put = 5
def wrap(function): return function
class Thing:
    put = put_there = 3
    twice = put * 2
    @property
    def value_of(self): return self.put + put
    @staticmethod
    def still(first_of_it): return first_of_it
    @wrap
    def wrapped(self, some=twice): return some
def run(): print(Thing.put, Thing.twice, Thing().value_of, Thing.still(4), Thing().wrapped(), put)
""",
    "what is looked up by a text is found": """
class Thing:
    def __init__(self):
        self.looked_up = 4
        self.other = 5
def run(): print(getattr(Thing(), "looked_up"), getattr(Thing(), "append", None), hasattr(Thing(), "self"))
""",
    "attributes that objects of Python's have": """
class Failure(OSError):
    def __init__(self, number, place_of_it):
        super().__init__(number)
        self.place_of_it = place_of_it
def run():
    try: raise Failure(5, "here")
    except OSError as error: print(error.errno, error.args, error.place_of_it, type(error))
    names = []
    names.append({"a": 1}.get("a"))
    print(names)
""",
    "locals, globals and imports of one name": """
import json as data
from fetchprint import VERSION
count = 0
def add(number):
    global count
    count += number
    result = [count for count in range(number)]
    return result
def local(data): return data + VERSION
def run():
    from fetchprint import VERSION as version
    print(add(2), count, local("x"), version, data.dumps([1]))
""",
    "range, const and a builtin stay what they are": """
from micropython import const
FIRST = const(3)
def tell(values): return [x for x in values]
def ranged(some_object): return tell(some_object)
def run():
    total = 0
    for i in range(FIRST): total += i
    print(total, ranged([1]), isinstance(total, int), list(map(str, (1, 2))))
""",
}

MODULES = {
    "main": """
from fetchprint import proxy, table
from fetchprint.proxy import Thing as Known
def run():
    module = __import__("fetchprint.chosen", None, None, ("make",))
    print(module.make(3), module.SETTINGS, proxy.helper(2), Known().poll_it(), table.ENTRIES)
    print(module.Handed().poll_it())
    part = proxy
    print(part.helper(4))
""",
    "fetchprint.proxy": """
_hidden = [1]
def helper(number): return number + _hidden[0]
class Thing:
    def poll_it(self): return helper(7)
""",
    "fetchprint.chosen": """
from fetchprint.proxy import Thing as Handed, helper
SETTINGS = {"make": 1}
def make(number): return _twice(number) + helper(1)
def _twice(number): return number * 2
""",
    "fetchprint.table": "ENTRIES = 4\n",
}

# One word for several things: each of the modules found by name has an Identity of its own, of one module.
NAMESAKES = {
    "main": """
from fetchprint.one import Identity as One
from fetchprint.two import Identity as Two
def run():
    for name in ("one", "two"):
        print(__import__("fetchprint." + name, None, None, ("Identity",)).Identity().who())
    print(One().who(), Two().who())
""",
    "fetchprint.one": "from fetchprint.known import Identity\n",
    "fetchprint.two": "from fetchprint.known import known_Identity as Identity\n",
    "fetchprint.known": """
class Identity:
    def __init__(self): self.word = "first"
    def who(self): return self.word
class known_Identity(Identity):
    def __init__(self):
        Identity.__init__(self)
        self.other_word = "second"
    def who(self): return self.other_word
""",
}
