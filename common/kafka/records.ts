/** The records of a batch, as they are when decompressed: https://kafka.apache.org/documentation/#record */

/** Each name with its values in order. It has no prototype, since a header may be named `__proto__`. */
export type Headers = Record<string, Buffer | null | (Buffer | null)[]>;

export interface RawRecord {
  timestampDelta: number;
  offsetDelta: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Headers;
}

/** The lengths and numbers of an empty record take so many bytes. */
const LEAST_RECORD_BYTES = 7;

/** Reads `count` records. Throws RangeError when `data` does not hold them. */
export function readRecords(data: Buffer, count: number): RawRecord[] {
  if (count < 0 || count * LEAST_RECORD_BYTES > data.length) {
    throw new RangeError(`${data.length} bytes cannot hold ${count} records`);
  }
  const reader = new Reader(data);
  const records: RawRecord[] = [];
  for (let left = count; left > 0; left -= 1) records.push(readRecord(reader));
  return records;
}

function readRecord(reader: Reader): RawRecord {
  const length = reader.varint();
  const end = reader.at + length;
  reader.skip(1); // Attributes, of which there are none yet.
  const timestampDelta = reader.varint();
  const offsetDelta = reader.varint();
  const key = reader.bytes();
  const value = reader.bytes();
  const headers: Headers = Object.create(null);
  for (let left = reader.varint(); left > 0; left -= 1) {
    const name = reader.bytes()?.toString() ?? "";
    const header = reader.bytes();
    const before = headers[name];
    if (before === undefined) headers[name] = header;
    else if (Array.isArray(before)) before.push(header);
    else headers[name] = [before, header];
  }
  if (reader.at !== end) throw new RangeError(`a record of ${length} bytes does not end there`);
  return { timestampDelta, offsetDelta, key, value, headers };
}

class Reader {
  at = 0;
  readonly data: Buffer;

  constructor(data: Buffer) {
    this.data = data;
  }

  skip(length: number): void {
    if (length < 0 || this.at + length > this.data.length) throw new RangeError("a record is cut off");
    this.at += length;
  }

  /** A zigzag varint. Exact up to 2^53, far above any length, offset or millisecond. */
  varint(): number {
    let result = 0;
    for (let factor = 1; factor < 2 ** 70; factor *= 128) {
      const byte = this.data[this.at] ?? 0x80;
      this.skip(1);
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) return result % 2 === 0 ? result / 2 : -(result + 1) / 2;
    }
    throw new RangeError("a number has more than 64 bits");
  }

  /** A length, -1 for null, and as many bytes. */
  bytes(): Buffer | null {
    const length = this.varint();
    if (length === -1) return null;
    const start = this.at;
    this.skip(length);
    return this.data.subarray(start, this.at);
  }
}
