import type { ReservationView } from './ipc/desk';

/** The 19 initial consonants, in the order in which Unicode composes syllables of them. */
const INITIALS = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';
/** The 28 finals, none among them, in that order; two letters where a final is made of two. */
const FINALS =
  ' ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ'.split(' ');
const FIRST_SYLLABLE = 0xac00;
const SYLLABLES = 11_172;
const PER_VOWEL = 28;
const PER_INITIAL = 588;

/** Says whether a reservation is what somebody looks for. */
export type Finder = (reservation: ReservationView) => boolean;

/**
 * Looks for a name, whole or in part, also by initial consonants (`ㄱㅋㄹ` finds 김크리스) and while a syllable is still
 * being typed; or, where only digits are typed, for the last four of a phone number. Nothing typed finds everything.
 */
export function finder(typed: string): Finder | null {
  const query = plain(typed);
  if (query === '') return null;
  const digits = /^[\d+-]+$/.test(query) ? query.replaceAll(/\D/g, '') : '';
  if (digits !== '') return ({ phone }) => hasPhone(phone, digits);
  const readings = readingsOf(query);
  return ({ name }) => readings.some((reading) => contains(plain(name), reading));
}

/** Without blanks, case or width: however a name is written. */
function plain(text: string): string {
  // What `NFKC` makes of a lone consonant is none that a keyboard types: only the widths are wanted of it.
  return text
    .normalize('NFC')
    .replaceAll(/[！-～]/g, narrowed)
    .replaceAll(/\s/g, '')
    .toLowerCase();
}

function narrowed(wide: string): string {
  return String.fromCharCode(wide.charCodeAt(0) - 0xfee0);
}

/** The last four digits begin like this; of more than four, the number ends with them. */
function hasPhone(phone: string, digits: string): boolean {
  const all = phone.replaceAll(/\D/g, '');
  return digits.length > 4 ? all.includes(digits) : all.slice(-4).startsWith(digits);
}

/**
 * What the letters typed so far may become. A Korean keyboard takes the next syllable's consonant for a final until its
 * vowel comes: on the way to 이산 it shows 잇.
 */
function readingsOf(query: string): string[] {
  const last = query.charCodeAt(query.length - 1) - FIRST_SYLLABLE;
  const final = last >= 0 && last < SYLLABLES ? FINALS[last % PER_VOWEL] : undefined;
  if (!final) return [query];
  const before = query.slice(0, -1);
  const open = last - (last % PER_VOWEL);
  const readings = [query, before + syllable(open) + final.slice(-1)];
  const kept = FINALS.indexOf(final.slice(0, -1));
  if (final.length > 1 && kept > 0) readings[1] = before + syllable(open + kept) + final.slice(-1);
  return readings;
}

function syllable(index: number): string {
  return String.fromCharCode(FIRST_SYLLABLE + index);
}

function contains(name: string, reading: string): boolean {
  for (let at = 0; at + reading.length <= name.length; at += 1) {
    if (agrees(name, reading, at)) return true;
  }
  return false;
}

function agrees(name: string, reading: string, at: number): boolean {
  for (let index = 0; index < reading.length; index += 1) {
    if (!letterAgrees(name.charCodeAt(at + index), reading.charCodeAt(index), index === reading.length - 1))
      return false;
  }
  return true;
}

/** A consonant agrees with each syllable that begins with it; the last syllable may still lack its final. */
function letterAgrees(letter: number, typed: number, last: boolean): boolean {
  if (letter === typed) return true;
  const index = letter - FIRST_SYLLABLE;
  if (index < 0 || index >= SYLLABLES) return false;
  const initial = INITIALS.indexOf(String.fromCharCode(typed));
  if (initial >= 0) return Math.floor(index / PER_INITIAL) === initial;
  return last && index - (index % PER_VOWEL) === typed - FIRST_SYLLABLE;
}
