"""Runs one command and records wall time, CPU time and the peak memory of everything it started."""
import ctypes
import dataclasses
import os
import resource
import subprocess
import threading
import time

PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")
SAMPLE_SECONDS = 0.05
PR_SET_CHILD_SUBREAPER = 36


@dataclasses.dataclass(frozen=True)
class Measurement:
    wall_s: float
    cpu_s: float
    peak_rss_bytes: int
    busy_cores_before: float
    other_cpu_s: float  # what the rest of the machine used meanwhile
    output: str


class CommandFailed(Exception):
    pass


def adopt_orphans():
    """Servers that a command leaves behind become ours, so that they are counted and can be ended."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def machine_busy_s():
    with open("/proc/stat", encoding="ascii") as stat:
        fields = [int(field) for field in stat.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICKS


def busy_cores(seconds=0.5):
    before = machine_busy_s()
    time.sleep(seconds)
    return (machine_busy_s() - before) / seconds


def wait_for_quiet(limit_s, threshold=0.15):
    """Returns the busy cores seen last: at most the threshold, unless the limit ran out."""
    deadline = time.monotonic() + limit_s
    while True:
        busy = busy_cores()
        if busy <= threshold or time.monotonic() >= deadline:
            return busy


def children_by_parent():
    children = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append((int(name), int(fields[21]) * PAGE))
    return children


def descendants(root):
    """(pid, resident bytes) of every process below root; that includes adopted orphans."""
    children = children_by_parent()
    found, open_list = [], [root]
    while open_list:
        for pid, resident in children.get(open_list.pop(), []):
            found.append((pid, resident))
            open_list.append(pid)
    return found


class MemorySampler(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.peak = 0
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, sum(resident for _, resident in descendants(os.getpid())))


def children_cpu_s():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def end_leftovers():
    """Reaps what the command left behind; a server that will not end by itself is ended."""
    deadline = time.monotonic() + 5
    while descendants(os.getpid()):
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if time.monotonic() > deadline:
            for pid, _ in descendants(os.getpid()):
                os.kill(pid, 15)
            deadline += 5
        time.sleep(0.02)


def run(command, cwd=None, env=None, accept=(0,)):
    """Wall time runs from the start of the process to its end. Raises CommandFailed with the tail of the output."""
    sampler = MemorySampler()
    busy = busy_cores(0.2)
    cpu_before, busy_before = children_cpu_s(), machine_busy_s()
    sampler.start()
    start = time.monotonic()
    with subprocess.Popen(command, cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    sampler.ended.set()
    sampler.join()
    end_leftovers()
    if process.returncode not in accept:
        raise CommandFailed(f"{' '.join(map(str, command))}\nexit status {process.returncode}\n{output[-4000:]}")
    cpu = children_cpu_s() - cpu_before
    return Measurement(wall_s=wall, cpu_s=cpu, peak_rss_bytes=max(sampler.peak, usage.ru_maxrss * 1024),
                       busy_cores_before=busy, other_cpu_s=max(0.0, machine_busy_s() - busy_before - cpu),
                       output=output)
