/** What the window can show; the details of a reservation stand beside any of them. */
export type Page = 'day' | 'settings' | 'pairing' | 'welcome' | 'print' | 'board';
