import { crc32 } from 'node:zlib';

/** A file of an archive. Its name has forward slashes. */
export type ZipEntry = { readonly name: string; readonly bytes: Uint8Array };

/** 1980-01-01 00:00, the first moment that the format knows: day 1 of month 1 of year 0. */
const dosDate = (1 << 5) | 1;
/** A regular file that its owner writes and everybody reads: without it, Linux unpacks files that nobody may read. */
const unixMode = 0o100644;
const madeOnUnix = 3 << 8;
/** 2.0, the least that has folders in names. */
const versionNeeded = 20;
/** The name is UTF-8. */
const flags = 1 << 11;

/**
 * An archive of these files, the same bytes for the same names and contents: sorted by name, one time, one mode, stored and not compressed, since what zlib
 * compresses to depends on its version and on the processor. PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
 */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of sorted) {
    const common = commonFields(name, bytes);
    const file = Buffer.concat([signature(0x04034b50), common, Buffer.from(name), bytes]);
    directory.push(directoryRecord(name, common, offset));
    files.push(file);
    offset += file.length;
  }
  const records = Buffer.concat(directory);
  return Buffer.concat([...files, records, endRecord(sorted.length, records.length, offset)]);
}

/** What a file's own header and its record in the directory have in common. */
function commonFields(name: string, bytes: Uint8Array): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(versionNeeded, 0);
  fields.writeUInt16LE(flags, 2);
  fields.writeUInt16LE(dosDate, 8);
  fields.writeUInt32LE(crc32(bytes), 10);
  fields.writeUInt32LE(bytes.length, 14);
  fields.writeUInt32LE(bytes.length, 18);
  fields.writeUInt16LE(Buffer.byteLength(name), 22);
  return fields;
}

function directoryRecord(name: string, common: Buffer, offset: number): Buffer {
  const madeBy = Buffer.alloc(2);
  madeBy.writeUInt16LE(madeOnUnix | versionNeeded);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(unixMode * 0x1_00_00, 6);
  rest.writeUInt32LE(offset, 10);
  return Buffer.concat([signature(0x02014b50), madeBy, common, rest, Buffer.from(name)]);
}

function endRecord(count: number, size: number, offset: number): Buffer {
  const fields = Buffer.alloc(18);
  fields.writeUInt16LE(count, 4);
  fields.writeUInt16LE(count, 6);
  fields.writeUInt32LE(size, 8);
  fields.writeUInt32LE(offset, 12);
  return Buffer.concat([signature(0x06054b50), fields]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
