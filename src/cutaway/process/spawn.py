"""Ask the operating system for a process: its own session, no input, its output into a pipe.

`start_new_session` makes the child call setsid(2), so that its process id is its session's and
its group's too, and no signal from the terminal reaches it. Nothing of ours runs in the child
(no `preexec_fn`), so that Python may use vfork(2), which does not copy the grader's page tables.

A new process begins with a copy of every open descriptor, and keeps it until it has become the
program. On a busy machine that takes milliseconds: long enough to keep a port bound that another
thread is just proving to be free. So `no_fork` is held around both.

Left out: everything after the start; that is program.py.
"""

from __future__ import annotations

import errno
import os
import subprocess
import threading
import time
from collections.abc import Mapping

from .command import Command

no_fork = threading.Lock()
os.register_at_fork(
    before=no_fork.acquire, after_in_parent=no_fork.release, after_in_child=no_fork.release
)

TOKEN_NAME = "CUTAWAY_RUN"


def environment(env: Mapping[str, str], token: str) -> dict[str, str]:
    """Ours, and `env`, and the token.

    A grader that is itself run by a grader passes on both tokens: each finds what is its own.
    """
    inherited = os.environ.get(TOKEN_NAME)
    return {**os.environ, **env, TOKEN_NAME: f"{inherited} {token}" if inherited else token}


def spawn(command: Command, env: Mapping[str, str], output: int) -> subprocess.Popen[bytes]:
    tries = 20
    while True:
        try:
            with no_fork:
                return subprocess.Popen(
                    command.run,
                    cwd=command.folder,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
        except OSError as error:
            # A file just written is "busy" while a child that another thread is starting still
            # holds a copy of the descriptor it was written through.
            tries -= 1
            if error.errno != errno.ETXTBSY or tries == 0:
                raise
            time.sleep(0.005)
