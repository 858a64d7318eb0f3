#!/usr/bin/env python3
"""Slow peers for memory.sh, on raw sockets: a backend, and clients that download or upload a known pattern.

  peers.py backend PORT RATE SECONDS          GET /bytes/N answers N bytes at full speed; a body sent to it is read at
                                              RATE bytes/s for SECONDS, then at full speed, and checked
  peers.py download PORT N RATE SECONDS       reads GET /bytes/N so slowly, and checks it
  peers.py upload PORT N                      sends N bytes as fast as they are taken, prints the answer

Block i of the pattern is the number i, over and over, so that a lost, doubled or swapped part shows.
"""

import socket
import struct
import sys
import threading
import time

BLOCK = 64 << 10


def block(number):
    return struct.pack(">Q", number) * (BLOCK // 8)


def send_pattern(to, length):
    for number in range((length + BLOCK - 1) // BLOCK):
        to.sendall(memoryview(block(number))[: length - number * BLOCK])


def read_head(stream):
    lines = []
    while (line := stream.readline()) not in (b"\r\n", b""):
        lines.append(line.decode("latin-1").rstrip("\r\n"))
    if not lines:
        return None, {}
    return lines[0], {n.strip().lower(): v.strip() for n, _, v in (line.partition(":") for line in lines[1:])}


def read_pattern(stream, length, rate, seconds):
    """Reads and checks; "ok", or what is wrong first."""
    start = time.monotonic()
    for offset in range(0, length, BLOCK):
        wanted = block(offset // BLOCK)[: length - offset]
        got = stream.read(len(wanted))
        if len(got) < len(wanted):
            return f"cut after {offset + len(got)} of {length} bytes"
        if got != wanted:
            return f"wrong bytes in the block at {offset}"
        due = (offset + len(got)) / rate
        if due < seconds:
            time.sleep(max(0.0, start + due - time.monotonic()))
    return "ok"


def serve(connection, rate, seconds):
    with connection, connection.makefile("rb", BLOCK) as stream:
        while True:
            start, fields = read_head(stream)
            if start is None:
                return
            method, target, _ = start.split(" ")
            if method == "GET" and target.startswith("/bytes/"):
                length = int(target.rpartition("/")[2])
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length)
                send_pattern(connection, length)
                continue
            verdict = read_pattern(stream, int(fields.get("content-length", "0")), rate, seconds).encode()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(verdict), verdict))


def guarded(*args):
    try:
        serve(*args)
    except OSError as e:
        print("backend:", e, flush=True)


def backend(port, rate, seconds):
    with socket.create_server(("127.0.0.1", port), backlog=512) as listener:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=guarded, args=(connection, rate, seconds), daemon=True).start()


def download(port, length, rate, seconds):
    with socket.create_connection(("127.0.0.1", port)) as s, s.makefile("rb", BLOCK) as stream:
        s.sendall(b"GET /bytes/%d HTTP/1.1\r\nHost: acceptance\r\n\r\n" % length)
        start, fields = read_head(stream)
        if " 200 " not in start + " " or int(fields.get("content-length", "-1")) != length:
            return f"{start} {fields}"
        return read_pattern(stream, length, rate, seconds)


def upload(port, length):
    with socket.create_connection(("127.0.0.1", port)) as s, s.makefile("rb", BLOCK) as stream:
        s.sendall(b"PUT /upload HTTP/1.1\r\nHost: acceptance\r\nContent-Length: %d\r\n\r\n" % length)
        send_pattern(s, length)
        start, fields = read_head(stream)
        body = stream.read(int(fields.get("content-length", "0"))).decode("latin-1")
        return body if " 200 " in start + " " else f"{start} {fields} {body}"


def main():
    command, *numbers = sys.argv[1:]
    verdict = {"backend": backend, "download": download, "upload": upload}[command](*map(int, numbers))
    print(verdict)
    sys.exit(verdict != "ok")


if __name__ == "__main__":
    main()
