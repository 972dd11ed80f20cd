import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, inflateRawSync } from 'node:zlib';

/** A file of an archive, as its directory and its own header describe it. */
export type Unzipped = { name: string; bytes: Buffer; modified: number; mode: number };

/** Reads an archive as any unzip does: from the directory at its end. Throws where directory, header and contents do not agree. */
export function unzip(archive: Buffer): Unzipped[] {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const count = archive.readUInt16LE(end + 10);
  const files: Unzipped[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    const [nameLength, extra, comment] = [28, 30, 32].map((field) => archive.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    files.push(readFile(archive, archive.subarray(at, at + 46 + nameLength)));
    at += 46 + nameLength + extra + comment;
  }
  if (at !== end) throw new Error('The directory does not end where the archive says');
  return files;
}

function readFile(archive: Buffer, record: Buffer): Unzipped {
  const name = record.subarray(46).toString('utf8');
  const header = record.readUInt32LE(42);
  // From the version that is needed to the length of the name, header and record say the same.
  const isSame = archive.subarray(header + 4, header + 28).equals(record.subarray(6, 30));
  if (archive.readUInt32LE(header) !== 0x04034b50 || !isSame) throw new Error(`${name} has another header`);
  const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
  const packed = archive.subarray(start, start + record.readUInt32LE(20));
  const bytes = record.readUInt16LE(10) === 0 ? packed : inflateRawSync(packed);
  if (bytes.length !== record.readUInt32LE(24) || crc32(bytes) !== record.readUInt32LE(16)) {
    throw new Error(`${name} is broken`);
  }
  return { name, bytes, modified: record.readUInt32LE(12), mode: record.readUInt32LE(38) >>> 16 };
}

/** Unpacks an archive into a folder. */
export function unzipInto(folder: string, archive: Buffer): void {
  for (const { name, bytes, mode } of unzip(archive)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes, { mode: mode & 0o777 });
  }
}
