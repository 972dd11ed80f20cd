#!/usr/bin/env node
import { endWith, openProcess } from './process.ts';
import { run } from './run.ts';

const { args, outside } = openProcess();
await endWith(await run(args, outside));
