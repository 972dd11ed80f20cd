import type { Command } from './command.ts';
import { auditCommand } from './commands/audit.ts';
import { configCheckCommand } from './commands/config-check.ts';
import { doctorCommand } from './commands/doctor.ts';
import { rotationReadCommands } from './commands/rotation-read.ts';
import { rotationSteerCommands } from './commands/rotation-steer.ts';
import { statusCommand } from './commands/status.ts';

/** Every command, in the order of `--help`. */
export const commands: readonly Command[] = [
  statusCommand,
  ...rotationReadCommands,
  ...rotationSteerCommands,
  auditCommand,
  configCheckCommand,
  doctorCommand,
];
