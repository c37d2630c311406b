"""The machine that a result is of, since the digits are its own.

    here().line()     Linux 6.18, 2 processors, 8 GiB, virtual machine (kvm), Python 3.11.7

Kept with every result: processors, memory, kernel, whether it is virtual, Python, how finely time
is told, how late a sleep of one millisecond wakes, the largest packet of loopback, and how busy it
was. What cannot be found out is left empty; nothing here fails.

Left out: the name of the machine and of who uses it.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

GIB = 1 << 30
SLEEPS = 9
BUSY = 1.25  # processes that want to run for each processor, above which times are doubtful
HYPERVISORS = {"QEMU": "kvm", "KVM": "kvm", "VMware": "vmware", "VirtualBox": "virtualbox"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """memory: octets. timer, sleep: seconds. busy: processes that wanted to run, at the start."""

    system: str
    kernel: str
    processors: int
    memory: int
    virtual: str
    python: str
    timer: float
    sleep: float
    loopback: int
    busy: float

    def line(self) -> str:
        kernel = ".".join(self.kernel.split(".")[:2])
        count = f"{self.processors} processor{'s' if self.processors != 1 else ''}"
        memory = f"{self.memory / GIB:.0f} GiB" if self.memory else ""
        parts = [f"{self.system} {kernel}", count, memory, self.virtual, f"Python {self.python}"]
        return ", ".join(part for part in parts if part)

    def warnings(self, seen_on: str) -> list[str]:
        """What about the machine may show in the figures."""
        said = []
        if self.busy > BUSY * self.processors:
            said.append(
                f"The machine was busy ({self.busy:.1f} processes for {self.processors} processors):"
                " times may be longer than they need be."
            )
        if self.sleep > 0.005:
            said.append(
                f"A sleep of 1 ms took {1000 * self.sleep:.0f} ms: short times are doubtful."
            )
        if seen_on and self.system != seen_on:
            said.append(f"The shape was verified on {seen_on}; on {self.system} it may differ.")
        return said


def here() -> Machine:
    """This machine, now. Takes about ten milliseconds."""
    return Machine(
        system=platform.system(),
        kernel=platform.release(),
        processors=_processors(),
        memory=_memory(),
        virtual=_virtual(),
        python=platform.python_version(),
        timer=time.get_clock_info("perf_counter").resolution,
        sleep=_sleep(),
        loopback=_loopback(),
        busy=_busy(),
    )


def _processors() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> int:
    import psutil

    with suppress(OSError):
        return int(psutil.virtual_memory().total)
    return 0


def _virtual() -> str:
    """ "virtual machine", with the kind where the kernel tells it; or nothing."""
    product = _text("/sys/class/dmi/id/sys_vendor") + " " + _text("/sys/class/dmi/id/product_name")
    for name, kind in HYPERVISORS.items():
        if name.lower() in product.lower():
            return f"virtual machine ({kind})"
    flags = (line for line in _text("/proc/cpuinfo").splitlines() if line.startswith("flags"))
    return "virtual machine" if "hypervisor" in next(flags, "").split() else ""


def _sleep() -> float:
    times = []
    for _ in range(SLEEPS):
        began = time.perf_counter()
        time.sleep(0.001)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _loopback() -> int:
    text = _text("/sys/class/net/lo/mtu").strip()
    return int(text) if text.isdigit() else 0


def _busy() -> float:
    with suppress(OSError, AttributeError):
        return os.getloadavg()[0]
    return 0.0


def _text(path: str) -> str:
    with suppress(OSError):
        return Path(path).read_text(errors="replace")
    return ""
