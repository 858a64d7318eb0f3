"""An HTTP/1.1 server that answers each request after a while: timed_backend.py PORT MILLISECONDS. GET /count tells how many."""
import asyncio
import sys

port, millis = int(sys.argv[1]), float(sys.argv[2])
served = 0


async def serve(reader, writer):
    global served
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            target = head.split(b" ", 2)[1]
            if target == b"/count":
                body = str(served).encode()
            else:
                # Health checks and the look whether it is there are no load.
                if target == b"/load":
                    served += 1
                    await asyncio.sleep(millis / 1000)
                body = b"ok\n"
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=1024)
    async with server:
        await server.serve_forever()


asyncio.run(main())
