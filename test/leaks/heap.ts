import { getHeapSnapshot } from 'node:v8';

/** A text that something in the heap holds, and the way there. V8 gives the first 1,024 characters of it. */
export type Held = { readonly path: string; readonly text: string };

type Snapshot = {
  readonly snapshot: { readonly meta: Record<'node_fields' | 'edge_fields', string[]> & Types };
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
  readonly strings: readonly string[];
};
type Types = { readonly node_types: [string[]]; readonly edge_types: [string[]] };

/** A node is told by where its fields stand. */
type Node = number;
type Edge = { readonly type: string; readonly name: string; readonly to: Node };
type Heap = {
  readonly nodes: readonly Node[];
  typeOf(node: Node): string;
  nameOf(node: Node): string;
  edgesOf(node: Node): readonly Edge[];
};

/** Takes a snapshot of this process. */
export async function readHeap(): Promise<Heap> {
  const chunks: Buffer[] = [];
  for await (const chunk of getHeapSnapshot()) chunks.push(chunk);
  return toHeap(JSON.parse(Buffer.concat(chunks).toString('utf8')));
}

function toHeap({ snapshot: { meta }, nodes: fields, edges, strings }: Snapshot): Heap {
  const [nodeTypes, edgeTypes] = [meta.node_types[0], meta.edge_types[0]];
  const [nodeLength, edgeLength] = [meta.node_fields.length, meta.edge_fields.length];
  const [typeAt, nameAt, countAt] = ['type', 'name', 'edge_count'].map((name) => meta.node_fields.indexOf(name));
  const field = (node: Node, at = 0) => fields[node + at] ?? 0;
  const nodes = Array.from({ length: fields.length / nodeLength }, (_, count) => count * nodeLength);
  const firstEdges = new Map<Node, number>();
  let next = 0;
  for (const node of nodes) {
    firstEdges.set(node, next);
    next += field(node, countAt) * edgeLength;
  }
  const readEdge = (at: number): Edge => {
    const [type = 0, name = 0, to = 0] = edges.slice(at, at + edgeLength);
    const kind = edgeTypes[type] ?? '';
    const isNumbered = kind === 'element' || kind === 'hidden';
    return { type: kind, name: isNumbered ? String(name) : (strings[name] ?? ''), to };
  };
  return {
    nodes,
    typeOf: (node) => nodeTypes[field(node, typeAt)] ?? '',
    nameOf: (node) => strings[field(node, nameAt)] ?? '',
    edgesOf: (node) => {
      const first = firstEdges.get(node) ?? 0;
      return Array.from({ length: field(node, countAt) }, (_, count) => readEdge(first + count * edgeLength));
    },
  };
}

/**
 * All texts that the functions of some files keep from one call to the next: in the variables that they have captured, and in whatever these hold as
 * values, however deep. Not by way of other functions: those lead to what somebody else keeps, such as a cache of secrets.
 */
export function textsKeptBy(heap: Heap, isOne: (file: string) => boolean): Held[] {
  const held: Held[] = [];
  const seen = new Set<Node>();
  const queue: { node: Node; path: string }[] = [];
  const visit = (node: Node, path: string) => {
    if (seen.has(node) || !isValue(heap, node)) return;
    seen.add(node);
    queue.push({ node, path });
  };
  for (const { file, context } of contextsOf(heap, isOne)) {
    for (const { type, name, to } of heap.edgesOf(context)) if (type === 'context') visit(to, `${file}: ${name}`);
  }
  for (let one = queue.pop(); one; one = queue.pop()) {
    const { node, path } = one;
    if (texts.has(heap.typeOf(node))) held.push({ path, text: textOf(heap, node) });
    for (const edge of heap.edgesOf(node)) if (isOwn(edge)) visit(edge.to, `${path}.${edge.name}`);
  }
  return held;
}

/** The scopes that functions of these files see, from the innermost outwards. */
function* contextsOf(heap: Heap, isOne: (file: string) => boolean): Generator<{ file: string; context: Node }> {
  const seen = new Set<Node>();
  for (const node of heap.nodes) {
    const file = heap.typeOf(node) === 'closure' ? fileOf(heap, node) : undefined;
    if (file === undefined || !isOne(file)) continue;
    for (let scope = follow(heap, node, 'context'); scope !== undefined; scope = follow(heap, scope, 'previous')) {
      if (!isScope(heap, scope) || seen.has(scope)) break;
      seen.add(scope);
      yield { file: file.slice(file.lastIndexOf('/shared/') + 1), context: scope };
    }
  }
}

function fileOf(heap: Heap, closure: Node): string | undefined {
  const shared = follow(heap, closure, 'shared');
  const script = shared === undefined ? undefined : follow(heap, shared, 'script');
  return script === undefined ? undefined : heap.nameOf(script);
}

function follow(heap: Heap, from: Node, name: string): Node | undefined {
  return heap.edgesOf(from).find((edge) => edge.type === 'internal' && edge.name === name)?.to;
}

const isScope = (heap: Heap, node: Node) => heap.nameOf(node) === 'system / Context';

const texts: ReadonlySet<string> = new Set(['string', 'concatenated string', 'sliced string']);
const values: ReadonlySet<string> = new Set([...texts, 'object', 'array', 'regexp']);
/** How V8 and the language lead from a value to what is not its own. */
const notOwn: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'map', 'previous', 'extension', 'scope_info']);

function isValue(heap: Heap, node: Node): boolean {
  return values.has(heap.typeOf(node)) && !isScope(heap, node) && heap.nameOf(node) !== 'global';
}

function isOwn({ type, name }: Edge): boolean {
  return (type === 'property' || type === 'element' || type === 'internal') && !notOwn.has(name);
}

/** What was put together, or cut out, is kept as its parts. */
function textOf(heap: Heap, node: Node): string {
  if (heap.typeOf(node) === 'string') return heap.nameOf(node);
  const parts = ['first', 'second', 'parent'].flatMap((name) => follow(heap, node, name) ?? []);
  return parts.map((part) => textOf(heap, part)).join('');
}
