import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { budget } from './budget';

// What the page may do, as strict as the app's own policy: nothing inline, nothing from another host.
// The preview server sends it, so that a test on the built page fails when something slips in.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'";

export default defineConfig({
  plugins: [svelte(), budget()],
  build: {
    target: 'safari16',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { port: 5173, strictPort: true },
  preview: { port: 4173, strictPort: true, headers: { 'Content-Security-Policy': policy } },
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
  },
});
