import TestSequencer from '@jest/test-sequencer';

/** What takes minutes by itself, and would be waited for alone if it began last: without times of a run before, Jest goes by the size of the file. */
const longest = ['test/runbooks/'];

/** Begins with what takes longest. */
export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const isLongest = ({ path }) => longest.some((folder) => path.includes(folder));
    // oxlint-disable-next-line unicorn/no-array-sort -- Jest names it so.
    const sorted = super.sort(tests);
    return [...sorted.filter(isLongest), ...sorted.filter((test) => !isLongest(test))];
  }
}
