"""GETs of one key at a steady rate, ten at a time: asker.py PORT RATE SECONDS; prints how many."""

import socket
import sys
import time

PORT, RATE, SECONDS = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
BATCH = 10
QUESTION = b"*2\r\n$3\r\nGET\r\n$5\r\nnokey\r\n" * BATCH
ANSWER = len(b"$-1\r\n" * BATCH)

with socket.create_connection(("127.0.0.1", PORT)) as sock:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    began, asked = time.monotonic(), 0
    while (now := time.monotonic() - began) < SECONDS:
        if asked > now * RATE:
            time.sleep(0.001)
            continue
        sock.sendall(QUESTION)
        came = 0
        while came < ANSWER:
            came += len(sock.recv(4096))
        asked += BATCH
print(asked)
