"""`python -m cutaway …`: the command line, where its script is not on the path.

Left out: everything. See cli.
"""

import sys

from .cli import main

sys.exit(main())
