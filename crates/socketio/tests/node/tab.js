// The page that a hospital would keep open in a browser instead: it says who came in, over the connection that Socket.IO
// opens by default. Prints its port. Lives until its input ends.
import { createServer } from "node:http";
import { Server } from "socket.io";

const page = `<!doctype html><meta charset="utf-8"><title>...</title><h1>예약</h1><ul></ul><script src="/socket.io/socket.io.min.js"></script>
<script>
const socket = io();
socket.on("connect", () => { document.title = "socket.io tab: connected"; });
socket.on("reservation", (reservation) => {
  document.querySelector("ul").appendChild(document.createElement("li")).textContent = reservation.name;
});
</script>`;
const http = createServer((_, answer) => answer.setHeader("Content-Type", "text/html; charset=utf-8").end(page));
new Server(http);
process.stdin.on("end", () => process.exit()).resume();
http.listen(0, "127.0.0.1", () => console.log(http.address().port));
