/** What a list is about: one day, several, or what came in. */
export type RowKind = 'day' | 'dated' | 'arrival';

/** How much room a row has: for one line, two or three. */
export type RowSize = 'wide' | 'medium' | 'narrow';
