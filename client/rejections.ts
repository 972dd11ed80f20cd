import type { Broker } from './broker.ts';
import { now, since, type Clock, type Moment } from './clock.ts';
import { isExpired, isSame, type Given, type HeaderSet } from './header-set.ts';

type Report = {
  readonly refused: HeaderSet;
  readonly from: Moment;
  readonly answer: Promise<Given | undefined>;
  /** Once the answer is there: what the broker gave for the refused set, another or the same. */
  given?: Given | undefined;
  isOver: boolean;
};

type Dependencies = { readonly clock: Clock; readonly broker: Broker };

/** How long the broker remembers what it found about a credential: to report it again within that time changes nothing. */
const memoryMs = 10_000;

/** Tells the broker of the sets that an API refused: of each once, for all calls that were refused with it. */
export function createRejections({ clock, broker }: Dependencies, path: string) {
  let last: Report | undefined;

  const send = async (refused: HeaderSet, excerptOf: (signal: AbortSignal) => Promise<string>) => {
    const [route, query] = path.split('?');
    const body = async (signal: AbortSignal) => ({ id: refused.id, status: 401, body: await excerptOf(signal) });
    try {
      const given = await broker.ask({
        path: `${route}/rejections${query === undefined ? '' : `?${query}`}`,
        body,
        isAwaited: () => true,
      });
      return isExpired(clock, given) ? undefined : given;
    } catch {
      // No second chance: the API's own answer says what is wrong.
      return undefined;
    }
  };

  /** What the broker gave for a set, while that is news to whoever still holds the set. */
  const foundFor = (refused: HeaderSet): Report | undefined =>
    last && isSame(last.refused, refused) && since(clock, last.from) < memoryMs ? last : undefined;

  const otherThan = (refused: HeaderSet, given: Given | undefined): Given | undefined =>
    given && !isSame(given.set, refused) && !isExpired(clock, given) ? given : undefined;

  return {
    /** A set that was asked for before its refusal was reported may arrive after it: then what the report brought counts. */
    insteadOf: (given: Given): Given => otherThan(given.set, foundFor(given.set)?.given) ?? given,

    /**
     * @param current the set that would be handed out now.
     * @returns what to repeat the call with. The same set, if the broker has no other, only to those whose refusal it was asked about.
     */
    report: async (
      refused: HeaderSet,
      current: Given | undefined,
      excerptOf: (signal: AbortSignal) => Promise<string>,
    ): Promise<Given | undefined> => {
      const newer = otherThan(refused, current);
      if (newer) return newer;
      const found = foundFor(refused);
      if (found) return found.isOver ? otherThan(refused, found.given) : found.answer;
      const report: Report = { refused, from: now(clock), answer: send(refused, excerptOf), isOver: false };
      last = report;
      report.given = await report.answer;
      report.isOver = true;
      return report.given;
    },
  };
}
