"""A Socket.IO client as a script may have it. Prints what happens, one JSON text a line; takes commands likewise."""

import asyncio
import json
import sys

import socketio

url, token, *transports = sys.argv[1:]
# In order: the client that is not of asyncio runs a thread for each event.
io = socketio.AsyncClient(reconnection_delay=0.05, reconnection_delay_max=0.05, randomization_factor=0)


def tell(*what):
    print(json.dumps(what), flush=True)


class Desk(socketio.AsyncClientNamespace):
    async def trigger_event(self, event, *arguments):
        if event == "connect":
            tell("connect", io.transport())
        elif event in ("connect_error", "disconnect"):
            tell(event, *arguments)
        else:
            tell("event", event, *arguments)


async def main():
    io.register_namespace(Desk("/desk"))
    try:
        await io.connect(url, namespaces=["/desk"], auth={"token": token}, transports=transports)
    except socketio.exceptions.ConnectionError:
        # It was told already.
        pass
    lines = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(lines)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    while line := await lines.readline():
        name, *arguments = json.loads(line)
        answered = lambda *answer: tell("ack", *answer)
        await io.emit(name, tuple(arguments), namespace="/desk", callback=answered)


asyncio.run(main())
