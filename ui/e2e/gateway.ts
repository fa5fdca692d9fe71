/** A real gateway with one hospital, its booking page and a desk, in a folder of its own. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program =
  process.env.DESKBELL_GATEWAY ?? fileURLToPath(new URL('../../target/debug/deskbell-gateway', import.meta.url));

interface List {
  reservations: { id: string; name: string; version: number }[];
}

export class Gateway {
  private readonly folder = mkdtempSync(join(tmpdir(), 'deskbell-'));
  private process: ChildProcess | undefined;
  private key = '';
  private token = '';
  private listen = '127.0.0.1:0';

  /** Starts one with the hospital `haneul`, and pairs a desk. */
  static async start(): Promise<Gateway> {
    const gateway = new Gateway();
    const added = gateway.run('hospital', 'add', 'haneul', '--name', '하늘병원', '--timezone', 'Asia/Seoul');
    gateway.key = (added as { intake_key: string }).intake_key;
    await gateway.up();
    const { code } = gateway.run('desk', 'pair', 'haneul') as { code: string };
    const answer = await fetch(`${gateway.url}/v1/desks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    });
    ({ token: gateway.token } = (await answer.json()) as { token: string });
    return gateway;
  }

  get url(): string {
    return `http://${this.listen}`;
  }

  /** Serves, again at the address it had. */
  async up(): Promise<void> {
    const started = spawn(program, ['serve', '--booking-page', '--listen', this.listen], {
      env: this.environment(),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.process = started;
    for await (const line of createInterface({ input: started.stdout })) {
      this.listen = line.replace(/.*http:\/\//, '');
      return;
    }
    throw new Error(`${program} does not serve: build it first`);
  }

  /** Ends as a power cut does. */
  async kill(): Promise<void> {
    const dying = this.process;
    this.process = undefined;
    if (dying?.exitCode !== null) return;
    const gone = new Promise((resolve) => dying.once('exit', resolve));
    dying.kill('SIGKILL');
    await gone;
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true });
  }

  /** Takes a reservation in as from a hospital's own site, for its watch token. */
  async takeIn(name: string): Promise<string> {
    const answer = await fetch(`${this.url}/v1/reservations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        relationship: '본인',
        name,
        phone: '010-1111-1111',
        reservationdate: '2099-11-23',
        reservationtime: '10:30 ~ 11:00',
      }),
    });
    return ((await answer.json()) as { watch_token: string }).watch_token;
  }

  /** The desk gives the reservation of `name` another status. */
  async answer(name: string, status: string): Promise<void> {
    const { reservations } = (await this.asDesk('GET', '?received_since=2020-01-01T00:00:00Z')) as List;
    const reservation = reservations.find((reservation) => reservation.name === name);
    if (!reservation) throw new Error(`nobody called ${name} has booked`);
    await this.asDesk('PUT', `/${reservation.id}/status`, { status, if_version: reservation.version });
  }

  private async asDesk(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${this.url}/v1/reservations${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  private run(...command: string[]): unknown {
    return JSON.parse(execFileSync(program, [...command, '--json'], { env: this.environment(), encoding: 'utf8' }));
  }

  private environment(): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, DESKBELL_DATABASE: `sqlite://${join(this.folder, 'gateway.sqlite')}` };
  }
}
