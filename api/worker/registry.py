"""Every job of the platform, by the kind of due work it does or the interval it comes round."""

from api.worker.schedule import Schedule

SCHEDULE = Schedule(due={}, rounds=())
