"""The job journal: what is durable when, how much it remembers, and what it does when it is damaged or
cannot be written."""

from fetchprint.proxy import journal
from fetchprint.proxy.job import Job
from fetchprint.proxy.journal import Journal

NAME = "infra-0"
RECORD = NAME + "-jobs"
UUID = "urn:uuid:4f2a1c9e-7b64-4d0e-9a53-1e0c6f8d2b77"


class Store:
    """The flash. ``failing``: the error that every save ends with; ``saves``: how many there were."""

    def __init__(self):
        self.records = {}
        self.failing = None
        self.saves = 0

    def load(self, name):
        return self.records.get(name)

    def save(self, name, data):
        self.saves += 1
        if self.failing:
            raise self.failing
        self.records[name] = bytes(data)

    def remove(self, name):
        if self.failing:
            raise self.failing
        self.records.pop(name, None)


class Log:
    def __init__(self):
        self.events = []

    def event(self, kind, **fields):
        self.events.append((kind, fields))


def opened(store, known=True):
    return Journal(store, NAME, Log(), known)


def a_job(number=5, uuid=UUID, outcome=0):
    job = Job()
    job.begin(number, uuid, 1)
    if outcome:
        job.end(outcome, b"job-completed-successfully")
    return job


def uuid(number):
    return "urn:uuid:00000000-0000-0000-0000-%012d" % number


def test_it_keeps_the_job_over_a_restart():
    store = Store()
    first = opened(store, False)
    assert first.fresh and not first.lost
    job = a_job()
    assert first.write(journal.STREAMING, job) is True
    assert first.write(journal.STREAMING, job, 7) is True and first.pages == 7
    second = opened(store)
    assert not second.fresh and second.pages == 7
    again = Job()
    again.restore(second.job)
    assert (again.phase, again.id, again.uuid, again.urn) == (journal.STREAMING, 5, UUID, UUID.encode())
    assert (again.outcome, again.impressions) == (0, 7)
    again.end(8, b"aborted-by-system", "The power failed at Händlstraße.")
    again.end(9, b"job-completed-successfully")  # the first end counts
    again.octets = 0x12345678
    assert second.write(journal.ENDED, again)
    third = Job()
    third.restore(opened(store).job)
    assert (third.outcome, third.reason, third.message) == (8, b"aborted-by-system", again.message)
    assert third.octets == 0x12345678
    assert opened(store).close(third)
    last = opened(store)
    assert last.job is None and last.pages == 0
    assert last.outcome_of(UUID) == 8 and last.outcome_of("urn:other") == 0


def test_it_knows_the_ends_of_a_thousand_jobs_in_bounded_space():
    store = Store()
    kept = opened(store)
    most = 0
    for number in range(3000):
        assert kept.close(a_job(number, uuid(number), 7 + number % 3))
        if number % 97 == 0:
            kept = opened(store)
        most = max(most, sum([len(record) for record in store.records.values()]))
    kept = opened(store)
    for number in range(3000 - journal.KEPT, 3000):
        assert kept.outcome_of(uuid(number)) == 7 + number % 3, number
    assert kept.outcome_of(uuid(0)) == 0
    assert most < 10000 and len(store.records) == 18
    assert store.saves < 3000 * 1.2 + 20  # a record for each end, and another for every eighth


def test_a_job_without_uuid_is_not_remembered():
    store = Store()
    opened(store).close(a_job(1, "", 9))
    assert opened(store).outcome_of("") == 0


def test_a_job_that_was_never_ours_is_not_remembered():
    store = Store()
    opened(store).close(a_job())
    assert opened(store).outcome_of(UUID) == 0


def test_a_power_cut_between_the_two_records_changes_nothing():
    store = Store()
    kept = opened(store)
    for number in range(8):
        kept.close(a_job(number, uuid(number), 9))
    before = dict(store.records)
    kept.close(a_job(8, uuid(8), 9))  # moves a batch on
    piece = NAME + "-done-0"
    if piece not in before:
        before[piece] = store.records[piece]
    store.records = before  # the piece was written, the record was not replaced
    kept = opened(store)
    for number in range(8, 200):
        kept.close(a_job(number, uuid(number), 9))
    kept = opened(store)
    for number in range(200):
        assert kept.outcome_of(uuid(number)) == 9, number
    assert len(store.records[piece]) == 8 + 512


def test_each_damaged_octet_is_noticed_kept_aside_and_told():
    store = Store()
    kept = opened(store)
    kept.close(a_job(4, uuid(4), 9))
    kept.write(journal.ENDED, a_job(5, UUID, 9))
    good = store.records[RECORD]
    bad = [good[:n] for n in range(len(good))]
    for i in range(len(good)):
        damaged = bytearray(good)
        damaged[i] ^= 1 << i % 8
        bad.append(bytes(damaged))
    for data in bad + [b"{}", good + b"\0"]:
        store = Store()
        store.records[RECORD] = data
        log = Log()
        again = Journal(store, NAME, log, True)
        assert again.lost and again.fresh and again.job is None and again.outcome_of(UUID) == 0
        assert store.records[RECORD + ".bad"] == data
        assert "kept aside" in log.events[0][1]["message"]
        assert not opened(store).lost


def test_a_missing_journal_is_noticed_by_a_device_that_has_been_here_before():
    store = Store()
    log = Log()
    assert Journal(store, NAME, log, True).lost
    assert "journal is gone" in log.events[0][1]["message"]
    assert not Journal(Store(), NAME, log, False).lost  # the first start
    again = opened(store)
    assert not again.lost and not again.fresh


def test_a_damaged_piece_costs_only_its_own_jobs():
    store = Store()
    kept = opened(store)
    for number in range(200):
        kept.close(a_job(number, uuid(number), 9))
    name = NAME + "-done-1"
    store.records[name] = store.records[name][:-1]
    kept = opened(store)
    assert kept.outcome_of(uuid(1)) == kept.outcome_of(uuid(199)) == kept.outcome_of(uuid(140)) == 9
    assert kept.outcome_of(uuid(100)) == 0
    assert kept.lost and name + ".bad" in store.records


def test_what_cannot_be_written_is_told_once_and_tried_again():
    store = Store()
    log = Log()
    kept = Journal(store, NAME, log, False)
    store.failing = OSError(28)
    assert kept.write(journal.CLAIMING, a_job()) is False
    assert kept.write(journal.STREAMING, a_job(), 3) is False
    assert kept.failing and kept.pages == 0
    assert len(log.events) == 1 and "cannot be written" in log.events[0][1]["message"]
    for now in range(0, 60000, 100):
        kept.retry(now)
    assert store.saves < 20  # it is not worn out by trying
    store.failing = None
    kept.retry(70000)
    assert not kept.failing
    assert opened(store).job[0] == journal.STREAMING


def test_a_journal_that_can_neither_be_read_nor_written_does_not_stop_the_device():
    store = Store()
    store.records[RECORD] = b"nonsense"
    store.failing = OSError(5)
    kept = opened(store)
    assert kept.lost and kept.failing
    for number in range(100):
        kept.close(a_job(number, uuid(number), 9))
    assert kept.outcome_of(uuid(99)) == 9


def test_a_record_that_cannot_be_read_is_lost_and_does_not_stop_the_device():
    class Dying(Store):
        dead = ()
        errors = 0

        def load(self, name):
            if name in self.dead:
                raise OSError(5)
            if self.errors:
                self.errors -= 1
                raise OSError(5)
            return Store.load(self, name)

        def save(self, name, data):
            Store.save(self, name, data)
            self.dead = tuple([each for each in self.dead if each != name])

    store = Dying()
    kept = opened(store)
    for number in range(200):
        kept.close(a_job(number, uuid(number), 9))
    kept.write(journal.STREAMING, a_job())
    store.errors = 2  # an error that passes
    kept = opened(store)
    assert kept.job[0] == journal.STREAMING and not kept.lost
    store.dead = (NAME + "-done-1",)
    assert kept.outcome_of(uuid(100)) == 0 and kept.lost
    assert kept.outcome_of(uuid(1)) == 9
    for number in range(200, 2000):
        assert kept.close(a_job(number, uuid(number), 9))
    assert not store.dead, "its place is taken when it is its turn"
    store.dead = (RECORD,)
    log = Log()
    kept = Journal(store, NAME, log, True)
    assert kept.lost and kept.fresh and kept.job is None
    assert len(log.events) == 1 and "cannot be read" in log.events[0][1]["message"]
    again = opened(store)
    assert not again.lost and not again.fresh


def test_texts_are_cut_between_characters():
    job = a_job()
    for length in range(195, 206):
        job.message = "x" * length + "ü" * 9
        text = job.text
        assert len(text) <= 200 and text.decode() == job.message[: len(text.decode())]


def test_a_record_whose_check_fits_and_whose_lengths_lie_is_kept_aside():
    store = Store()
    opened(store).write(journal.STREAMING, a_job())
    body = store.records[RECORD][8:]
    for at, value in ((18, 255), (19, 255), (20, 255), (20, 3), (4, 9), (21, 0xFF)):
        wrong = bytearray(body)
        wrong[at] = value
        store.records = {RECORD: journal._with_check(bytes(wrong))}
        kept = opened(store)
        assert kept.job is None and kept.lost, at
        assert RECORD + ".bad" in store.records


def test_a_record_that_fits_its_check_and_is_too_short_is_kept_aside():
    store = Store()
    store.records[RECORD] = journal._with_check(b"short")
    kept = opened(store)
    assert kept.lost and kept.job is None and RECORD + ".bad" in store.records


def test_an_end_is_only_found_where_one_begins():
    ends = b"-1234567" + b"7-------" + b"1234567" + b"\x09"
    assert journal._find(ends, b"1234567") == 9 and journal._find(ends[:16], b"1234567") == 0
