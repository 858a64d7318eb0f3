"""An HTTP/1.1 server that is no good: faulty_backend.py PORT silent|broken. It never answers, or answers 500 to everything."""
import asyncio
import sys

port, kind = int(sys.argv[1]), sys.argv[2]
ANSWER = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 3\r\n\r\nno\n"


async def serve(reader, writer):
    try:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            if kind == "broken":
                writer.write(ANSWER)
                await writer.drain()
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=1024)
    async with server:
        await server.serve_forever()


asyncio.run(main())
