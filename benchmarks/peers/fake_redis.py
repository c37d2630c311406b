"""The server of fakeredis: Redis in Python, for tests of programs that use one.

    python fake_redis.py PORT

Left out: settings.
"""

import sys

from fakeredis import TcpFakeServer

if __name__ == "__main__":
    TcpFakeServer(("127.0.0.1", int(sys.argv[1])), server_type="redis").serve_forever()
