"""A service that attacks: each row of the tables against one running device, an honest job behind each."""

import hostile_document
import hostile_http
import hostile_ipp
import hostile_queue
import hostile_run


def test_messages():
    hostile_run.run(hostile_ipp.ATTACKS)


def test_what_is_around_messages():
    hostile_run.run(hostile_http.ATTACKS)


def test_documents():
    hostile_run.run(hostile_document.ATTACKS)


def test_compressed_documents():
    hostile_run.run(hostile_document.GZIP, document={"gzip": True})


def test_jobs_and_lost_answers():
    hostile_run.run(hostile_queue.ATTACKS)
