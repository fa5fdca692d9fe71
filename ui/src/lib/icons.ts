/** Line icons on a 24 px grid. */
export const icons = {
  bell: 'M12 4a5.5 5.5 0 0 0-5.5 5.5c0 4.5-2 6-2 6h15s-2-1.5-2-6A5.5 5.5 0 0 0 12 4Zm0-1.5V4M10 18.5a2 2 0 0 0 4 0',
  settings: 'M4 7h9m4 0h3M4 17h3m4 0h9M15 4.5v5M9 14.5v5',
  back: 'M14.5 5.5 8 12l6.5 6.5',
  forward: 'M9.5 5.5 16 12l-6.5 6.5',
  calendar: 'M5 6h14v13H5zM5 10.5h14M8.5 3.5V8m7-4.5V8',
  search: 'M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12ZM15 15l5 5',
  more: 'M5.5 12h.1M12 12h.1M18.4 12h.1',
  print: 'M7 9V4h10v5M7 16H4.5V9h15v7H17M7 13.5h10V20H7z',
  file: 'M6 3.5h8l4 4V20.5H6zM14 3.5v4h4M12 11v6m-2.5-2.5L12 17l2.5-2.5',
  screen: 'M3.5 5h17v11h-17zM9 20h6M12 16v4',
  keyboard: 'M3 7h18v10.5H3zM6.5 10.5h.1m3.6 0h.1m3.6 0h.1m3.5 0h.1M8 14.2h8',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  pause: 'M8.5 6v12m7-12v12',
  person: 'M12 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM5 19.5c.6-3.6 3.4-5.5 7-5.5s6.4 1.9 7 5.5',
  undo: 'M8.5 5.5 4.5 9.5l4 4M5 9.5h9a5 5 0 0 1 0 10h-3',
  plus: 'M12 5.5v13m-6.5-6.5h13',
  clock: 'M12 3.8a8.2 8.2 0 1 0 0 16.4 8.2 8.2 0 0 0 0-16.4ZM12 7.5V12l3 2',
  close: 'm6.5 6.5 11 11m0-11-11 11',
  copy: 'M9 9V5h10v10h-4M5 9h10v10H5z',
  check: 'm5.5 12.5 4.5 4.5 9-10',
  warning: 'M12 4.5 3.5 19h17L12 4.5Zm0 6v4m0 2.4v.1',
  offline:
    'M4 4l16 16M2.5 9.5A14 14 0 0 1 7 6.7m3.5-.9A14 14 0 0 1 21.5 9.5M6 13.3a9 9 0 0 1 3.5-2m5.5.3a9 9 0 0 1 3 1.7M12 18.4v.1',
  refused: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM6 6l12 12',
  up: 'M12 19V5m-6 6 6-6 6 6',
} as const;

export type IconName = keyof typeof icons;
