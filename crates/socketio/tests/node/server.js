// A Socket.IO server as a hospital may run it, on the transports named by its arguments or else on all. Prints its port, and
// why clients leave; lives until its standard input ends.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const named = process.argv.slice(2);
const transports = named.length > 0 ? named : ["polling", "websocket"];
const io = new Server(http, { pingInterval: 200, pingTimeout: 2000, transports });
io.of("/desk").use((socket, next) => {
  if (socket.handshake.auth.token) return next();
  const refusal = new Error("Not admitted");
  refusal.data = { code: "invalid_token" };
  next(refusal);
});
io.of("/desk").on("connection", (socket) => {
  socket.join(socket.handshake.auth.token);
  for (let number = 0; number < 50; number += 1) socket.emit("number", number, "more");
  socket.on("echo", (data, ack) => ack(data));
  socket.on("ring", (data) => io.of("/desk").to(data.room).emit("reservation", data));
  socket.on("ask", (data) => socket.emit("question", data, (...answer) => socket.emit("answered", ...answer)));
  socket.on("flow", (count) => {
    for (let number = 0; number < count; number += 1)
      setTimeout(() => socket.emit("flow", number % 10 === 0 ? Buffer.from([number / 10]) : number), number / 2);
  });
  socket.on("disconnect", (reason) => console.log(JSON.stringify(reason)));
  socket.on("leave", () => socket.disconnect());
});
http.listen(0, "127.0.0.1", () => console.log(http.address().port));
process.stdin.resume().on("end", () => process.exit());
