// Keeps the page at the reservation's status: a Socket.IO 5 client for /watch, over a WebSocket or, where none opens, by
// HTTP long-polling.
const page = document.querySelector("[data-watch]");
const { token, words, link } = JSON.parse(page.dataset.watch);
const part = (name) => page.querySelector(`[data-part=${name}]`);
const address = (by) => new URL(`../socket.io/?EIO=4&transport=${by}`, import.meta.url).href;
const day = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeZone: "UTC" });
const [OPEN, CLOSE, PING, PONG] = "0123";
const [CONNECT, DISCONNECT, EVENT, REFUSED] = ["0", "1", "2", "4"].map((kind) => `4${kind}/watch`);

const byWebSocket = (take, end) => {
  const socket = new WebSocket(address("websocket").replace(/^http/, "ws"));
  socket.onmessage = ({ data }) => take(data);
  socket.onclose = end;
  return { send: (packet) => socket.send(packet), close: () => socket.close() };
};

const byPolling = (take, end) => {
  const over = new AbortController();
  let session = "";
  const ask = async (body) => {
    const options = { method: body ? "POST" : "GET", body, cache: "no-store", signal: over.signal };
    const answer = await fetch(address("polling") + session, options);
    if (!answer.ok) throw answer.status;
    return answer.text();
  };
  const poll = async () => {
    while (!over.signal.aborted)
      for (const packet of (await ask()).split("\x1e")) {
        if (packet[0] === OPEN) session = `&sid=${JSON.parse(packet.slice(1)).sid}`;
        take(packet);
      }
  };
  poll().catch(end);
  return { send: (packet) => ask(packet).catch(end), close: () => over.abort() };
};

const show = ({ status, reservationdate, reservationtime }) => {
  const [mark, title, next] = words[status];
  const date = day.format(new Date(reservationdate));
  const texts = { mark, title, next, date, time: reservationtime, link: link.live };
  for (const [name, text] of Object.entries(texts))
    // What stays is not read out again.
    if (part(name).textContent !== text) part(name).textContent = text;
  page.dataset.status = status;
  document.title = title;
};

let transport = byWebSocket;
let tries = 0;
let waiting; // for the next try

const connect = () => {
  clearTimeout(waiting);
  waiting = undefined;
  let connection, silence, retryAfter;
  let [seen, over, patience] = [false, false, 10_000];
  const close = () => {
    over = true;
    clearTimeout(silence);
    connection?.close();
  };
  const end = () => {
    if (over) return;
    close();
    // Where no WebSocket gets through, polling may.
    const other = transport === byWebSocket && !seen;
    if (!seen) transport = other ? byPolling : byWebSocket;
    if (other) return connect();
    part("link").textContent = link.lost;
    waiting = setTimeout(connect, retryAfter ?? Math.random() * Math.min(30_000, 1000 * 2 ** ++tries));
  };
  const listen = () => {
    clearTimeout(silence);
    silence = setTimeout(end, patience);
  };
  const take = (packet) => {
    if (over) return;
    if (packet[0] === OPEN) {
      const { pingInterval, pingTimeout } = JSON.parse(packet.slice(1));
      patience = pingInterval + pingTimeout;
      connection.send(`${CONNECT},${JSON.stringify({ token })}`);
    } else if (packet === PING) connection.send(PONG);
    else if (packet === CLOSE || packet.startsWith(DISCONNECT)) return end();
    else if (packet.startsWith(REFUSED)) {
      part("link").textContent = link.ended;
      return close();
    } else if (packet.startsWith(EVENT)) {
      const [name, data] = JSON.parse(packet.slice(EVENT.length + 1));
      if (name === "shutdown") retryAfter = data.retry_after_ms;
      if (name === "status") {
        [seen, tries] = [true, 0];
        show(data);
      }
    }
    listen();
  };
  listen();
  try {
    connection = transport(take, end);
  } catch {
    end();
  }
};

connect();
// A telephone that was put away, or out of reach, does not wait for its turn.
for (const event of ["online", "visibilitychange"]) addEventListener(event, () => waiting && connect());
