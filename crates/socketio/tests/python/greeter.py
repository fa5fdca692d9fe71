"""A server that greets a client before it says that the client is let in. Prints its port; lives until its standard input ends."""

import asyncio
import sys

import socketio
from aiohttp import web

server = socketio.AsyncServer(async_mode="aiohttp")


class Desk(socketio.AsyncNamespace):
    async def on_connect(self, sid, environ, auth):
        await self.emit("number", 1, to=sid)


async def main():
    server.register_namespace(Desk("/desk"))
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(site._server.sockets[0].getsockname()[1])
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
