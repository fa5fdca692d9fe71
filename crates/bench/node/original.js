// What a hospital's website had before Deskbell, in its shape: Express takes a reservation in, better-sqlite3 stores it,
// Socket.IO tells the hospital's room; each with its defaults. Two things are not as they were: the commit is on the disk
// before the 201, and there is a room per hospital, entered by the token. It ends with its standard input.
import { createServer } from "node:http";
import Database from "better-sqlite3";
import express from "express";
import { Server } from "socket.io";

const FIELDS = ["relationship", "name", "phone", "reservationdate", "reservationtime"];

const database = new Database(process.argv[2]);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
database.exec(`
  CREATE TABLE reservations (
    id INTEGER PRIMARY KEY,
    hospital TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    ${FIELDS.map((field) => `${field} TEXT NOT NULL,`).join("\n")}
    received_at TEXT NOT NULL,
    UNIQUE (hospital, idempotency_key)
  ) STRICT
`);
const insert = database.prepare(`
  INSERT INTO reservations (hospital, idempotency_key, ${FIELDS.join(", ")}, received_at)
  VALUES (@hospital, @key, ${FIELDS.map((field) => `@${field}`).join(", ")}, @received_at)
  ON CONFLICT DO NOTHING
`);
const find = database.prepare("SELECT id FROM reservations WHERE hospital = ? AND idempotency_key = ?");

const app = express();
const http = createServer(app);
const desks = new Server(http).of("/desk");

app.post("/v1/reservations", express.json(), (request, response) => {
  const hospital = roomOf(request.get("authorization")?.replace(/^Bearer /, ""));
  const key = request.get("idempotency-key");
  if (hospital === undefined || key === undefined) {
    return response.status(401).json({ title: "No hospital, or no key" });
  }
  if (!FIELDS.every((field) => typeof request.body[field] === "string" && request.body[field] !== "")) {
    return response.status(422).json({ title: "A field is missing" });
  }
  const reservation = { received_at: new Date().toISOString() };
  for (const field of FIELDS) reservation[field] = request.body[field];
  // A statement on its own is a transaction, on the disk when it returns.
  const { changes, lastInsertRowid: id } = insert.run({ ...reservation, hospital, key });
  if (changes === 0) {
    return response.json(find.get(hospital, key));
  }
  desks.to(hospital).emit("reservation", { id, ...reservation, status: "pending" });
  response.status(201).json({ id, status: "pending" });
});

desks.use((socket, next) => {
  socket.data.room = roomOf(socket.handshake.auth.token);
  next(socket.data.room === undefined ? new Error("Not admitted") : undefined);
});
desks.on("connection", (socket) => {
  socket.join(socket.data.room);
  socket.emit("caught_up", null);
});

function roomOf(token) {
  return /^room-\d+$/.exec(token)?.[0];
}

process.stdin.on("close", () => process.exit()).resume();
http.listen(0, "127.0.0.1", () => console.log(http.address().port));
