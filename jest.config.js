/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts', '<rootDir>/{apps,libs}/**/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/architecture/fixtures/'],
  // Else Jest finds the fixtures' and dist's copies of things and warns of duplicates.
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/test/architecture/fixtures/'],
  // Sources run as real ES modules, so `jest.mock` does nothing: use the ports.
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  // Makes `#domain/fold` the .ts file; without it tests would run what was last built. A name of our own, because packages
  // (eventsource-parser) use "source" too, for TypeScript that isn't to be run from node_modules.
  testEnvironmentOptions: { customExportConditions: ['presently-source', 'node', 'node-addons'] },
  // The Kafka that suites share: it starts when the first of them needs it, and ends here.
  globalSetup: '<rootDir>/test/support/kafka/jest-setup.js',
  globalTeardown: '<rootDir>/test/support/kafka/jest-teardown.js',
  testSequencer: '<rootDir>/test/support/longest-first.js',
  coverageProvider: 'v8',
  collectCoverageFrom: ['{apps,libs}/*/src/**/*.ts'],
  reporters: ['default', '<rootDir>/test/support/count-reporter.js'],
  testTimeout: 30_000,
  maxWorkers: 2,
};
