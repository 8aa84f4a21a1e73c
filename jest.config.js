import { availableParallelism } from 'node:os';
import { countsFile } from './scripts/root.mjs';

/** Jest runs the TypeScript sources as ES modules; swc strips the types. Node needs --experimental-vm-modules (scripts/test.mjs sets it). */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript', tsx: false }, target: 'es2023' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testMatch: ['<rootDir>/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/.countersign/', '/test/house/examples/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.countersign/'],
  // The servers that several suites share.
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  reporters: ['default', ['<rootDir>/test/support/count-reporter.mjs', { file: countsFile }]],
  testTimeout: 60_000,
  // Most suites wait for servers and clocks, so more of them fit than there are cores; each worker may take 1 GB.
  maxWorkers: Math.min(8, Math.ceil(availableParallelism() * 1.5)),
};
