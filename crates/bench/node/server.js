// Socket.IO's own server with its own defaults, in the part that `src/server.rs` plays for ours: a room per hospital,
// entered by the token, and events to rooms on command. It ends with its standard input.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Server } from "socket.io";

const reservation = JSON.parse(
  readFileSync(new URL("../../protocol/golden/reservation_created.json", import.meta.url), "utf8"),
);
const http = createServer();
const bench = new Server(http, { transports: ["websocket"] }).of("/bench");

bench.use((socket, next) => {
  const [, room] = /^room-(\d+)$/.exec(socket.handshake.auth.token) ?? [];
  socket.data.room = room;
  next(room === undefined ? new Error("Not admitted") : undefined);
});
bench.on("connection", (socket) => {
  socket.join(socket.data.room);
  socket.emit("joined", null);
});

// A line is: first room, end of rooms, first event, end of events.
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [firstRoom, endOfRooms, firstEvent, endOfEvents] = line.split(" ").map(Number);
    for (let room = firstRoom; room < endOfRooms; room += 1) {
      for (let seq = firstEvent; seq < endOfEvents; seq += 1) {
        bench.to(String(room)).emit("reservation", { ...reservation, room, seq });
      }
    }
  })
  .on("close", () => process.exit());

http.listen(0, "127.0.0.1", () => console.log(http.address().port));
