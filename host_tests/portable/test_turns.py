"""Whose turn it is at the engine: every session for itself asks, takes and gives back."""

from fetchprint import ticks
from fetchprint.proxy.turns import Turns


class Device:
    owner = None


class Session:
    def __init__(self, name):
        self.name = name
        self.asking = True
        self.committed = False
        self.jobs = 0


def make(count):
    device = Device()
    sessions = [Session("service %d" % i) for i in range(count)]
    return device, sessions, Turns(device, sessions)


def print_one(device, turns, session, now):
    assert turns.may_take(session, now), session.name
    turns.take(session, now)
    session.jobs += 1
    device.owner = None


def test_one_service_has_every_turn():
    device, (only,), turns = make(1)
    for now in range(100):
        print_one(device, turns, only, now)


def test_nobody_else_while_a_job_prints():
    device, (a, b), turns = make(2)
    turns.take(a, 0)
    a.committed = True
    assert turns.may_take(a, 5)
    assert not turns.may_take(b, 5) and not turns.may_take(b, 1000000)
    assert device.owner is a
    device.owner = None
    assert not turns.may_take(a, 1000001)  # b has waited
    assert turns.may_take(b, 1000001)


def test_turns_are_fair_to_within_one_job_whoever_asks_first():
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        device, sessions, turns = make(3)
        for now in range(300):
            free = [i for i in order if turns.may_take(sessions[i], now)]
            assert len(free) == 1, (now, free)
            print_one(device, turns, sessions[free[0]], now)
            jobs = [session.jobs for session in sessions]
            assert max(jobs) - min(jobs) <= 1, jobs


def test_who_has_nothing_is_not_waited_for():
    device, (a, b, c), turns = make(3)
    b.asking = c.asking = False
    for now in range(10):
        print_one(device, turns, a, now)
    c.asking = True
    assert not turns.may_take(a, 10)
    print_one(device, turns, c, 10)
    print_one(device, turns, a, 11)


def test_who_is_slow_to_tell_loses_a_turn_and_not_all():
    device, (a, slow), turns = make(2)
    now = ticks.PERIOD - 1000
    print_one(device, turns, a, now)
    waited = 0
    while not turns.may_take(a, now):  # slow is asked first, and says nothing
        now = ticks.add(now, 10)
        waited += 10
        assert waited <= 2100
    assert waited >= 2000
    print_one(device, turns, a, now)
    print_one(device, turns, slow, now)  # at last it has found out that it has a job


def test_who_claims_for_too_long_loses_the_engine():
    device, (a, b), turns = make(2)
    turns.take(a, 0)
    assert not turns.may_take(b, 10000) and device.owner is a
    assert not turns.may_take(b, 10001) and device.owner is None
    a.asking = False
    print_one(device, turns, b, 10002)
    a.asking = True
    print_one(device, turns, a, 10003)  # its claim has come through


def test_asking_changes_nothing_for_others():
    device, (a, b, c), turns = make(3)
    for _ in range(5):
        assert not turns.may_take(c, 0) and not turns.may_take(b, 0) and turns.may_take(a, 0)
    assert device.owner is None
