import { carryOut, type Task } from './task.ts';

/** Carries out what it is sent, one task after the other, in a process of its own. */
process.on('message', (task: Task) => {
  void carryOut(task).then((tally) => process.send?.(tally));
});
