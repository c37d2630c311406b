"""The experiments of HTTP/1.1: what a connection costs, and who waits for a slow answer.

In reading order: link (the reference part, far away), client, connections, head_of_line.
"""

from ....lab.lab import Lab
from .connections import CONNECTIONS
from .head_of_line import HEAD_OF_LINE

LABS: tuple[Lab, ...] = (CONNECTIONS, HEAD_OF_LINE)
