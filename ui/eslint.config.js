import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import { defineConfig, globalIgnores } from 'eslint/config';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default defineConfig(
  globalIgnores(['dist', 'test-results', 'src/lib/ipc/bindings.ts']),
  js.configs.recommended,
  ts.configs.strictTypeChecked,
  ts.configs.stylisticTypeChecked,
  svelte.configs.recommended,
  svelte.configs.prettier,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: ['*.config.ts', '*.config.js', 'budget.ts'],
          defaultProject: 'e2e/tsconfig.json',
        },
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      // TypeScript knows the globals.
      'no-undef': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['@tauri-apps/*', '**/ipc/bindings'], message: 'Only lib/ipc speaks with the desk.' }] },
      ],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: ts.parser, svelteConfig },
    },
    rules: {
      'svelte/button-has-type': 'error',
      'svelte/require-each-key': 'error',
      'svelte/no-at-html-tags': 'error',
      // Pictures arrive whole and are replaced whole: maps, sets and dates here are never changed in place.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    files: ['src/lib/ipc/*.ts', 'e2e/fake-desk.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
);
