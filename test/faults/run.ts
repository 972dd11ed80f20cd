import type { Outcome } from './fault.ts';
import type { Met } from './rows.ts';
import { openFaultScene } from './scene.ts';

/** Meets faults one after the other, on one start of the stack. */
export async function runFaults(
  faults: readonly Met[],
  onOutcome: (outcome: Outcome) => void,
): Promise<readonly Outcome[]> {
  const at = await openFaultScene();
  const outcomes: Outcome[] = [];
  try {
    for (const fault of faults) {
      const outcome = await fault.meet(at).catch((error: unknown) => unmet(fault, error));
      outcomes.push(outcome);
      onOutcome(outcome);
    }
  } finally {
    await at.close();
  }
  return outcomes;
}

/** Its type alone: the message may repeat a header, and what is in it. */
function unmet({ name }: Met, error: unknown): Outcome {
  const type = error instanceof Error ? error.name : typeof error;
  return { fault: name, warm: '-', cold: '-', heals: '-', wrong: [`could not be met: ${type}`] };
}
