import { styleText } from 'node:util';
import type { Outside } from '../outside.ts';

/** What a colour says. Nothing is said by colour alone. */
export type Tone = 'well' | 'fault' | 'warning' | 'note' | 'faint' | 'strong';
export type Paint = (tone: Tone, text: string) => string;

const formats = {
  well: 'green',
  fault: ['red', 'bold'],
  warning: 'yellow',
  note: 'cyan',
  faint: 'dim',
  strong: 'bold',
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>;

/** Colours on a terminal, unless somebody asks for none: `--no-color`, NO_COLOR (https://no-color.org), or a terminal that has none. */
export function paintFor({ out, environment }: Pick<Outside, 'out' | 'environment'>, noColour = false): Paint {
  const isPlain = noColour || !out.isTerminal || Boolean(environment['NO_COLOR']) || environment['TERM'] === 'dumb';
  return isPlain ? plain : (tone, text) => styleText(formats[tone], text, { validateStream: false });
}

const plain: Paint = (_, text) => text;
