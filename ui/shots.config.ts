import { defineConfig } from '@playwright/test';
import page from './playwright.config';

/** Takes the pictures of docs/screens: `cargo xtask shots`. */
export default defineConfig(page, { testDir: 'e2e', testMatch: '*.shots.ts', fullyParallel: true });
