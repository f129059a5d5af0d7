import DefaultSequencer from '@jest/test-sequencer';

/** Folders whose suites start brokers and processes, those that take longest first. */
const LONG = ['test/chaos/', 'test/simulation/', 'test/kafka/', 'test/e2e/', 'test/console/', 'test/'];

/**
 * Begins with the suites that take long, so that no worker is idle while another is busy with the last. Jest does so by
 * itself where it knows how long each took the last time; where it does not (in CI) it would go by the size of files.
 */
export default class LongestFirst extends DefaultSequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (tests.every(({ duration }) => duration !== undefined)) return sorted;
    const rank = ({ path, context }) => {
      const at = LONG.findIndex((folder) => path.startsWith(`${context.config.rootDir}/${folder}`));
      return at < 0 ? LONG.length : at;
    };
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
