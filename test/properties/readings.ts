/** What servers make of a path that undo escapes once more than they should, and once more after that. */
export function readingsOf(path: string): string[] {
  const readings = [path];
  for (let times = 0; times < 4; times += 1) readings.push(decode(readings.at(-1) ?? ''));
  return readings;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
