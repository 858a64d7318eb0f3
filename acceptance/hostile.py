"""Clients of hostile-clients.sh and descriptors.sh, normal and hostile. Prints one line of JSON."""

import json
import socket
import struct
import sys
import time

REQUEST = b"GET / HTTP/1.1\r\nHost: acceptance\r\n\r\n"


def connect(port):
    client = socket.create_connection(("127.0.0.1", port), timeout=30)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def answer(client):
    """Reads one answer of known length; its status."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = client.recv(65536)
        if not piece:
            raise OSError("closed")
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        piece = client.recv(65536)
        if not piece:
            raise OSError("cut")
        body += piece
    return int(head.split(b" ")[1])


def normal(port, seconds):
    """Asks 100 times a second over one connection, and over a new one each tenth time."""
    times, errors = [], 0
    client = connect(port)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.monotonic()
        try:
            if len(times) % 10 == 9:
                client.close()
                client = connect(port)
            client.sendall(REQUEST)
            if answer(client) != 200:
                errors += 1
        except OSError:
            errors += 1
            client = connect(port)
        times.append(time.monotonic() - start)
        time.sleep(0.01)
    times.sort()
    return {
        "requests": len(times),
        "errors": errors,
        "median_us": int(times[len(times) // 2] * 1e6),
        "p99_us": int(times[len(times) * 99 // 100] * 1e6),
    }


def idle(port, count, seconds):
    """Opens so many connections and says nothing over them."""
    clients = [connect(port) for _ in range(count)]
    print(json.dumps({"open": len(clients)}), flush=True)
    time.sleep(seconds)
    return {"closed": len([each.close() for each in clients])}


def stall(port, count, seconds):
    """Asks for a large file over so many connections and takes none of it."""
    held, failed = [], 0
    for _ in range(count):
        try:
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(5)
            client.connect(("127.0.0.1", port))
            client.sendall(b"GET /big HTTP/1.1\r\nHost: acceptance\r\n\r\n")
            held.append(client)
        except OSError:
            failed += 1
    time.sleep(seconds)
    return {"held": len(held), "failed": failed}


def resets(port, count):
    """Begins a request on each of so many connections, and resets it at another byte each time."""
    for i in range(count):
        client = connect(port)
        client.sendall(REQUEST[: i % (len(REQUEST) + 1)])
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
    return {"resets": count}


def flood(port, seconds):
    """Keeps opening connections, and holds all that are accepted, until the time is over."""
    held, refused = [], 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            client = socket.create_connection(("127.0.0.1", port), timeout=0.2)
            client.setblocking(False)
            held.append(client)
        except OSError:
            refused += 1
        if len(held) >= 1500:
            time.sleep(0.05)
    return {"held": len(held), "refused": refused}


COMMANDS = {"normal": normal, "idle": idle, "stall": stall, "resets": resets, "flood": flood}
print(json.dumps(COMMANDS[sys.argv[1]](*[int(each) for each in sys.argv[2:]])))
