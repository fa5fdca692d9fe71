import type { LanguageView } from '../ipc/desk';
import { en } from './en';
import { ko } from './ko';
import type { Words } from './words';

export type { ToastLevel, Words } from './words';

export const words: Record<LanguageView, Words> = { ko, en };

/** Each language by its own name. */
export const languageNames: Record<LanguageView, string> = { ko: '한국어', en: 'English' };
