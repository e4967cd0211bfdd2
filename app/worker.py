"""The other process: rings the jobs. APScheduler keeps time, a row decides who of N workers acts."""

import asyncio
import contextlib
import signal
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from app.alerts import jobs as alert_jobs
from app.deadlines import jobs as deadline_jobs
from app.infra import anchors, audit, idempotency, outbox
from app.infra.jobs import REGISTRY, Job, Work, finish_slot, take_slot
from app.infra.logs import log
from app.infra.metrics import JOB_ITEMS, JOB_LAST, JOB_RUNS
from app.infra.tenants import Tenant
from app.kernel.clock import SHANGHAI, machine_now
from app.notifications import jobs as notification_jobs
from app.operations.assembly import Process
from app.opinions import jobs as opinion_jobs
from app.suggestions import jobs as suggestion_jobs
from app.uploads import jobs as upload_jobs
from app.uploads.storage import Stores
from app.webhooks import jobs as webhook_jobs

# Importing a module declares its jobs; naming them here keeps the list in one place.
DECLARING = (
    alert_jobs,
    anchors,
    audit,
    deadline_jobs,
    idempotency,
    notification_jobs,
    opinion_jobs,
    outbox,
    suggestion_jobs,
    upload_jobs,
    webhook_jobs,
)
LATE = timedelta(seconds=30)
WATCH_SECONDS = 0.5
STOPPING_SECONDS = 30


def trigger_of(job: Job) -> CronTrigger:
    """Six fields, seconds first, in local time."""
    second, minute, hour, day, month, weekday = job.cron.split()
    return CronTrigger(
        second=second,
        minute=minute,
        hour=hour,
        day=day,
        month=month,
        day_of_week=weekday,
        timezone=SHANGHAI,
    )


def slot_at(trigger: CronTrigger, now: datetime) -> datetime:
    """The latest instant the cron rang, at most 30 s ago: the same in every worker, late or not."""
    slot = now.replace(microsecond=0)
    following = trigger.get_next_fire_time(None, now - LATE)
    while following is not None and following <= now:
        slot = following
        following = trigger.get_next_fire_time(following, following + timedelta(microseconds=1))
    return slot


class Worker:
    """Rings every declared job of every tenant; one tenant's failure is not another's."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self._tasks: set[asyncio.Task[None]] = set()
        self._running: set[tuple[str, str]] = set()

    async def run(self, stopping: asyncio.Event) -> None:
        scheduler = AsyncIOScheduler(timezone=SHANGHAI)
        for job in REGISTRY.values():
            trigger = trigger_of(job)
            scheduler.add_job(
                self._ring,
                trigger,
                args=(job, trigger),
                id=job.name,
                coalesce=True,
                max_instances=2,
                misfire_grace_time=int(LATE.total_seconds()),
            )
        scheduler.start()
        watch = asyncio.create_task(self._watch_demo_clock())
        log.info("worker started", jobs=len(REGISTRY))
        await stopping.wait()
        watch.cancel()
        scheduler.shutdown(wait=False)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOPPING_SECONDS)
        log.info("worker stopped")

    async def _ring(self, job: Job, trigger: CronTrigger) -> None:
        await self._ring_slot(job, slot_at(trigger, machine_now()))

    async def _ring_slot(self, job: Job, slot: datetime) -> None:
        try:
            tenants = (await self.process.database.tenants()).all()
        except Exception as error:
            log.warning("cannot ring", job=job.name, error=type(error).__name__)
            return
        for tenant in tenants:
            task = asyncio.create_task(self._act(job, tenant, slot))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _act(self, job: Job, tenant: Tenant, slot: datetime) -> None:
        """One slot of one tenant, unless this process is still at the last one."""
        if (job.name, tenant.slug) in self._running or tenant.state != "live":
            return
        self._running.add((job.name, tenant.slug))
        try:
            if await take_slot(self.process.database, job, tenant, slot):
                await self._run(job, tenant, slot)
        except Exception as error:
            log.warning("job not rung", job=job.name, error=type(error).__name__)
        finally:
            self._running.discard((job.name, tenant.slug))

    async def _run(self, job: Job, tenant: Tenant, slot: datetime) -> None:
        error: str | None = None
        work = Work(self.process.database, tenant, self.process.now, self.process.outside)
        try:
            JOB_ITEMS.labels(job.name).inc(await job.run(work))
            JOB_LAST.labels(job.name).set(machine_now().timestamp())
        except Exception as failure:
            error = type(failure).__name__
            log.error("job failed", job=job.name, tenant=tenant.slug, exc_info=failure)
        JOB_RUNS.labels(job.name, "failed" if error else "ok").inc()
        await finish_slot(self.process.database, job, tenant, slot, at=machine_now(), error=error)

    async def _watch_demo_clock(self) -> None:
        """A moved clock rings everything at once, as a real day passing would have."""
        clock = self.process.demo_clock
        if clock is None:
            return
        seen: int | None = None
        while True:
            with contextlib.suppress(Exception):  # the database may be away: look again
                revision = await clock.revision()
                if seen is not None and revision != seen:
                    await self._ring_all()
                seen = revision
            await asyncio.sleep(WATCH_SECONDS)

    async def _ring_all(self) -> None:
        slot = machine_now().replace(microsecond=0) + timedelta(seconds=1)  # beyond any slot taken
        for job in REGISTRY.values():
            await self._ring_slot(job, slot)


async def work(process: Process, stopping: asyncio.Event) -> None:
    """Run till `stopping`, SIGTERM or SIGINT; batches in hand are finished.

    Raises DirectoryNotShared: swept by a host with a directory of its own, rows and files would part.
    """
    await process.outside[Stores].confirm(process.database)
    loop = asyncio.get_running_loop()
    for kind in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(kind, stopping.set)
    await Worker(process).run(stopping)
