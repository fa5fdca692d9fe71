// A journal as crates/soak serves it, by a Socket.IO server as a hospital may run it. Prints its port, then nothing; each
// line it is told is a further entry. Lives until its standard input ends.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Server } from "socket.io";

const [pingInterval, pingTimeout] = process.argv.slice(2).map(Number);
const http = createServer();
const io = new Server(http, { pingInterval, pingTimeout });
const entries = [];
io.of("/desk").on("connection", (socket) => {
  for (const entry of entries.slice(socket.handshake.auth.cursor)) socket.emit("entry", entry);
  socket.join("followers");
});
createInterface({ input: process.stdin })
  .on("line", (line) => {
    entries.push(JSON.parse(line));
    io.of("/desk").to("followers").emit("entry", entries.at(-1));
  })
  .on("close", () => process.exit());
http.listen(0, "127.0.0.1", () => console.log(http.address().port));
