"""Start the process that moves the machine: python -m cutaway.system.traffic '{"address": …}'

Whoever starts it is keeper.py, and talks to it by lines of JSON.

Left out: a use by hand. `cutaway load` is for that.
"""

import sys

from .child import main

sys.exit(main(sys.argv[1]))
