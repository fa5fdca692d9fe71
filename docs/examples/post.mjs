// Sends a booking to the hospital's front desk. Node.js 18 or newer; on the server, never in the page: it has the key.
//   echo '{"id":"42","relationship":"본인",…}' | BELL_URL=https://bell.example.kr INTAKE_KEY=dbsite… node post.mjs
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const FIELDS = ['relationship', 'name', 'phone', 'reservationdate', 'reservationtime'];
const ATTEMPTS = 5;

/** Gives the reservation; throws when it is refused, or when nobody answered well. `booking.id` names it for good. */
export async function ring(booking) {
  const form = new URLSearchParams(FIELDS.map((field) => [field, booking[field]]));
  for (let attempt = 1; ; attempt++) {
    let answer, text, fault;
    try {
      answer = await fetch(`${process.env.BELL_URL}/v1/reservations`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${process.env.INTAKE_KEY}`,
          'Idempotency-Key': `booking-${booking.id}`, // the same at every attempt: it is taken in once
        },
        body: form,
        redirect: 'error',
        signal: AbortSignal.timeout(5_000),
      });
      text = await answer.text();
      if (answer.ok) return JSON.parse(text);
      fault = answer.status;
    } catch (error) {
      fault = error.cause?.code ?? error.name;
    }
    const status = answer?.status ?? 0;
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
      throw new Error(`refused: ${status} ${text}`);
    }
    if (attempt === ATTEMPTS) throw new Error(`given up: ${fault}`);
    const asked = Number(answer?.headers.get('Retry-After')) || 0;
    const seconds = Math.max(asked, 2 ** (attempt - 2) * (0.5 + Math.random() / 2));
    console.error(`attempt ${attempt}: ${fault}; again in ${seconds.toFixed(1)} s`);
    await sleep(seconds * 1_000);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  let text = '';
  for await (const chunk of process.stdin) text += chunk;
  try {
    console.log((await ring(JSON.parse(text))).id);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
