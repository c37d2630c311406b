"""Programs of any language: built, started, watched, and ended with everything they started.

    command = Command(folder, run=split_command("./server"), build=split_command("go build ."))
    build(command)
    [port] = free_ports(1)
    with Program.start(command, {"PORT": str(port)}) as program:
        program.wait_ready([port], within=10 * patience())

Reading order: command → program → spawn, output, ports → tree (linux, portable) → watch → guard
and guardian, scratch → diagnosis → building, patience.

Left out: what a program must do; that is for stages. Sandboxes. Windows.
"""

from .building import build as build
from .command import Command as Command
from .command import split_command as split_command
from .errors import BuildFailed as BuildFailed
from .errors import Elsewhere as Elsewhere
from .errors import NotReady as NotReady
from .errors import ProgramError as ProgramError
from .errors import StartFailed as StartFailed
from .output import Output as Output
from .patience import patience as patience
from .ports import free_ports as free_ports
from .program import Program as Program
from .scratch import make_folder as make_folder
from .scratch import remove_folder as remove_folder
from .watch import end_all as end_all
from .watch import running as running
