"""While a document prints: Report-Print-Job on each change and every second. It is question, report and
sign of life in one: the answer tells of a cancel."""

from fetchprint.proxy import watch
from fetchprint.proxy.mobile import jobs, printer


class Watch(watch.Watch):
    """On the connection that all but the documents use; between the requests of the Control."""

    def choose(self, now):
        control = self.session.control
        if control.streaming:
            if control.described:
                self.look_after(now)
            else:
                self._describe(now)

    def put_job(self, now, state, reasons):
        session = self.session
        job = session.job
        pipe = session.device.pipe
        pages = self.durable(job.impressions + pipe.pages)
        length = jobs.report(
            self.exchange.encoder,
            session,
            state,
            reasons,
            session.device.message(),
            pages,
            job.octets + pipe.octets,
        )
        self.start(now, watch.JOB, length, session.control.report)

    def put_printer(self, now):
        control = self.session.control
        self.start(now, watch.PRINTER, printer.state(control), control.report)

    def _describe(self, now):
        """A request has failed since the service last heard what the device is."""
        control = self.session.control
        control.described = True
        self.start_long(now, watch.PRINTER, printer.describe(control), control.report)

    def take(self, now, doing, status):
        control = self.session.control
        if doing == watch.PRINTER:
            printer.taken(control, status)
        else:
            job = self.session.job
            if jobs.over(control, status):
                job.cancel = job.over = True
            else:
                control.expect(status, "Report-Print-Job")
                if control.report.canceled:
                    job.cancel = True
        self.backoff.succeeded()

    def failed(self, now, error):
        """The document goes on as long as its own connection does."""
        control = self.session.control
        control.described = False
        self.session.reported = -1
        self.backoff.failed(now, getattr(error, "retry_after", 0))
