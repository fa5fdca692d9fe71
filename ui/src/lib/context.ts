import { createContext } from 'svelte';
import type { Clock } from './clock.svelte';
import type { Inbox } from './inbox.svelte';
import type { Keys } from './keys';
import type { Looking } from './looking.svelte';
import type { Speech } from './speech.svelte';

export const [getInbox, setInbox] = createContext<Inbox>();
export const [getSpeech, setSpeech] = createContext<Speech>();
export const [getClock, setClock] = createContext<Clock>();
export const [getLooking, setLooking] = createContext<Looking>();
export const [getKeys, setKeys] = createContext<Keys>();
