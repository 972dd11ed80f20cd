/** Where an operation is at a gateway: its path there; the host that it is written with does not matter. */
export function addressAt(gateway: string, url: string): string {
  const { pathname, search } = new URL(url);
  return `${new URL(gateway).origin}${pathname}${search}`;
}
