/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '^.+\\.(ts|js|mjs)$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  // jose and a few others ship ES modules only.
  transformIgnorePatterns: ['/node_modules/(?!(jose|croner|@peculiar|@azure/core-util)/)'],
  // What mutation testing copies, and the package that the client is published as.
  modulePathIgnorePatterns: ['<rootDir>/.stryker-tmp/', '<rootDir>/dist/client/'],
  testTimeout: 30_000,
  // They wait for processes, pages and deadlines as much as they reckon.
  maxWorkers: '100%',
  testSequencer: '<rootDir>/test/support/longest-first.js',
};
