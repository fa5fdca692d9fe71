// A Socket.IO client as a web page may have it. Prints what happens, one JSON text a line; takes commands likewise.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const [url, token, ...transports] = process.argv.slice(2);
const socket = io(`${url}/desk`, { transports, auth: { token }, reconnectionDelay: 50 });
const tell = (...what) => console.log(JSON.stringify(what));
socket.on("connect", () => tell("connect", socket.io.engine.transport.name));
socket.io.on("open", () => socket.io.engine.on("upgrade", (transport) => tell("upgrade", transport.name)));
socket.on("connect_error", (error) => tell("connect_error", error.message, error.data ?? null));
socket.on("disconnect", (reason) => tell("disconnect", reason));
socket.onAny((name, ...args) => tell("event", name, ...args));
createInterface({ input: process.stdin })
  .on("line", (line) => socket.emit(...JSON.parse(line), (...args) => tell("ack", ...args)))
  .on("close", () => process.exit());
