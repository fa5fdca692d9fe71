import './styles/index.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { tauriDesk } from './lib/ipc/desk';

mount(App, { target: document.body, props: { desk: tauriDesk } });
