import type { Attributes, Meter as ApiMeter } from '@opentelemetry/api';
import { optionsOf, type Instrument } from './instruments.ts';

/** Counts one. @param values those of the instrument's attributes, in their order; `undefined` for one that is absent. */
export type Tally = (...values: readonly (string | undefined)[]) => void;

/** One place for each value, and one below for each value of the next attribute. The last has the count. */
type Place = { readonly below: Map<string | undefined, Place>; series: Series | undefined };
type Series = { readonly attributes: Attributes; count: number };

/**
 * A counter that is added to here, and told of when a reader reads: an SDK's would cost each request its look-up of the series. It holds one number
 * for each tuple of values.
 */
export function createTally(meter: ApiMeter, instrument: Instrument): Tally {
  const root = createPlace();
  const all: Series[] = [];

  meter.createObservableCounter(instrument.name, optionsOf(instrument)).addCallback((result) => {
    for (const { attributes, count } of all) result.observe(count, attributes);
  });

  const startSeries = (values: readonly (string | undefined)[]): Series => {
    const given = instrument.attributes.map((name, index) => [name, values[index]] as const);
    const series = { attributes: Object.fromEntries(given.filter(([, value]) => value !== undefined)), count: 0 };
    all.push(series);
    return series;
  };

  return (...values) => {
    let place = root;
    for (const value of values) place = placeBelow(place, value);
    place.series ??= startSeries(values);
    place.series.count += 1;
  };
}

function createPlace(): Place {
  return { below: new Map(), series: undefined };
}

function placeBelow({ below }: Place, value: string | undefined): Place {
  const known = below.get(value);
  if (known) return known;
  const place = createPlace();
  below.set(value, place);
  return place;
}
