// A hospital's own booking server, as others have written it: it emits its form and knows nothing of Deskbell.
//
// Arguments: port (0 for any), transports ("websocket,polling" or one of them), room ("" emits to everybody), token
// ("" admits everybody). Prints its port, then `connected` and `joined` as clients do so. Emits each line of its
// standard input, an event's data as JSON; the line `drop` cuts every connection. Lives until its input ends.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Server } from "socket.io";

const [port, transports, room, token] = process.argv.slice(2);
const http = createServer();
const io = new Server(http, { transports: transports.split(","), pingInterval: 2000, pingTimeout: 2000 });
io.use((socket, next) => {
  next(token && socket.handshake.auth.token !== token ? new Error(`${socket.handshake.auth.token} is no token`) : undefined);
});
io.on("connection", (socket) => {
  console.log("connected");
  socket.on("join", ({ hospital }) => {
    socket.join(hospital);
    console.log("joined");
  });
});
createInterface({ input: process.stdin })
  .on("line", (line) => {
    if (line === "drop") io.disconnectSockets(true);
    else (room ? io.to(room) : io).emit("reservation", JSON.parse(line));
  })
  .on("close", () => process.exit());
http.listen(Number(port), "127.0.0.1", () => console.log(http.address().port));
