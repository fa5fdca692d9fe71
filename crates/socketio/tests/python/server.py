"""A Socket.IO server as a hospital may run it. Prints its port; lives until its standard input ends."""

import asyncio
import sys

import socketio
from aiohttp import web

io = socketio.AsyncServer(async_mode="aiohttp", ping_interval=0.2, ping_timeout=2)


class Desk(socketio.AsyncNamespace):
    async def on_connect(self, sid, environ, auth):
        if not (auth or {}).get("token"):
            raise socketio.exceptions.ConnectionRefusedError("Not admitted", {"code": "invalid_token"})
        io.start_background_task(self.greet, sid, auth["token"])

    async def greet(self, sid, token):
        # The client is in once this task runs.
        await self.enter_room(sid, token)
        for number in range(50):
            await self.emit("number", (number, "more"), to=sid)

    async def on_echo(self, sid, *arguments):
        return arguments

    async def on_ring(self, sid, data):
        await self.emit("reservation", data, room=data["room"])

    async def on_leave(self, sid, *_):
        await self.disconnect(sid)


async def main():
    io.register_namespace(Desk("/desk"))
    app = web.Application()
    io.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(site._server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
