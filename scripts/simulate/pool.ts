import { fork, type ChildProcess } from 'node:child_process';
import type { Tally } from '../../test/simulation/tally.ts';
import type { Task } from '../../test/simulation/task.ts';

/**
 * Carries out tasks in several processes, each the next one that is left.
 *
 * @param onDone told of each as it ends.
 */
export async function carryOutAll(
  tasks: readonly Task[],
  processes: number,
  onDone: (task: Task, tally: Tally) => void,
): Promise<void> {
  const queue = tasks.values();
  const work = async () => {
    const child = fork(new URL('../../test/simulation/child.ts', import.meta.url), { serialization: 'advanced' });
    try {
      for (const task of queue) onDone(task, await ask(child, task));
    } finally {
      child.kill();
    }
  };
  await Promise.all(Array.from({ length: Math.min(processes, tasks.length) }, work));
}

function ask(child: ChildProcess, task: Task): Promise<Tally> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error('A process of the simulation has ended.'));
    child.once('exit', fail);
    child.once('message', (tally) => {
      child.off('exit', fail);
      resolve(tally as Tally);
    });
    child.send(task);
  });
}
