"""The packaged ippproxy, a Proxy that is not ours, fetches jobs from the print service."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from fetchprint_tools import processes
from fetchprint_tools.codes import JobState
from fetchprint_tools.ippsample import Workspace
from service_kit import Printer, Service
from support import wait_until

PCL = "application/vnd.hp-pcl"
"""What ippproxy says that every socket printer takes."""

pytestmark = [pytest.mark.system, pytest.mark.usefixtures("ippsample_programs")]


class Paper:
    """A printer on a TCP port: what each connection sent."""

    def __init__(self) -> None:
        self.prints: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while True:
            connection, _peer = self.listener.accept()
            with connection:
                sent = b""
                while part := connection.recv(65536):
                    sent += part
            if sent == b"end":
                return
            self.prints.append(sent)

    def close(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(b"end")
        self._thread.join(10)
        self.listener.close()


def test_ippproxy_prints_two_jobs(tmp_path: Path) -> None:
    paper = Paper()
    try:
        with Service(tmp_path) as service, Workspace() as workspace:
            printer = Printer(service.uri)
            proxy = workspace.start(["ippproxy", "-d", f"socket://127.0.0.1:{paper.port}", service.uri])
            try:
                wait_until(lambda: service.said("printer-state"), 20, "ippproxy to say what it is")
                documents = [b"\x1bEjob %d\x1bE" % number for number in (1, 2)]
                for number, document in enumerate(documents, 1):
                    job = printer.print(document, PCL)
                    wait_until(
                        lambda wanted=number: len(paper.prints) == wanted, 60, "ippproxy to print the job"
                    )
                    # The packaged version never reports more than "processing".
                    assert printer.state(job) == JobState.PROCESSING
                    assert "output-device-uuid-assigned" in printer.job(job)
                assert paper.prints == documents
                assert printer.printer().values("printer-state-reasons") == ["none"]
            finally:
                processes.end(proxy)
    finally:
        paper.close()
