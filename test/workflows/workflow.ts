import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const root = join(import.meta.dirname, '../..');

export type Step = {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
};

export type Job = {
  readonly uses?: string;
  readonly needs?: string | readonly string[];
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly with?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
};

export type Workflow = {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': boolean };
  readonly jobs: Readonly<Record<string, Job>>;
};

const folder = '.github/workflows';

/** The files of a folder that are run by GitHub, by their path in the project. */
export const workflowFiles: readonly string[] = readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);

export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export function readWorkflow(path: string): Workflow {
  return parse(textOf(path)) as Workflow;
}

export function stepsOf({ jobs }: Workflow): Step[] {
  return Object.values(jobs).flatMap(({ steps = [] }) => steps);
}
