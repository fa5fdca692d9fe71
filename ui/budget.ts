import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** What the page may weigh, compressed. */
const BUDGET = 150 * 1024;

/** Fails a build that weighs more than a page that opens at once may. */
export function budget(): Plugin {
  return {
    name: 'budget',
    apply: 'build',
    writeBundle(_, bundle) {
      const weights = Object.values(bundle).map(
        (file) => gzipSync(file.type === 'chunk' ? file.code : file.source).length,
      );
      const weight = weights.reduce((sum, one) => sum + one, 0);
      const told = `${(weight / 1024).toFixed(1)} KB compressed, of ${BUDGET / 1024} KB`;
      if (weight > BUDGET) this.error(`The page weighs ${told}.`);
      this.info(told);
    },
  };
}
