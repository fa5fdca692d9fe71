/** What a `deskbell://pair?server=…&code=…` link carries. */
export interface PairLink {
  server: string;
  code: string;
}

/** Reads a pairing link, alone or inside a pasted message; `null` when there is none. */
export function parsePairLink(text: string): PairLink | null {
  const link = /deskbell:\/\/pair\/?\?(\S+)/i.exec(text);
  if (!link?.[1]) return null;
  const query = new URLSearchParams(link[1]);
  const server = query.get('server')?.trim();
  const code = query.get('code')?.trim();
  return server && code ? { server, code: tidyCode(code) } : null;
}

/** A code as the server wants it, however it was typed: upper case, full-width letters narrowed, blanks gone. */
export function tidyCode(typed: string): string {
  return typed.normalize('NFKC').replace(/\s+/gu, '').toUpperCase();
}
