/**
 * Reads a `-wal` without SQLite, which would replay it (https://sqlite.org/fileformat.html#the_write_ahead_log).
 *
 * @module
 */
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;

/** The beginning of a `-wal`. */
export interface WalHeader {
  readonly pageSize: number;
  /** Chosen anew each time SQLite begins to write at the front of the file; each frame repeats it. */
  readonly salt: bigint;
  readonly isLittleEndian: boolean;
  readonly checksum: Checksum;
}

/** A page as a transaction left it. */
export interface Frame {
  /** Number of the page, from 1. */
  readonly page: number;
  /** Its content, valid until the next frame is asked for. */
  readonly data: DataView;
}

type Checksum = readonly [number, number];

/** The header of the `-wal` at `path`; null when there is no file, or none that this process may read or SQLite would replay. */
export function readWalHeader(path: string): WalHeader | null {
  const bytes = new DataView(new ArrayBuffer(HEADER_BYTES));
  try {
    using file = Deno.openSync(path);
    if (!fill(file, bytes)) return null;
  } catch (error) {
    // SQLite cannot open the database without it, and says so.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return null;
    throw error;
  }
  const magic = bytes.getUint32(0);
  if (magic !== MAGIC && magic !== MAGIC + 1) return null;
  const isLittleEndian = magic === MAGIC;
  const checksum = add([0, 0], bytes, { from: 0, to: 24, isLittleEndian });
  if (!isSame(checksum, bytes, 24)) return null;
  return { pageSize: bytes.getUint32(8), salt: bytes.getBigUint64(16), isLittleEndian, checksum };
}

/** The frames that SQLite would replay, in order, those of a transaction that was cut off included. */
export function* frames(path: string, header: WalHeader): Generator<Frame> {
  const { pageSize, salt, isLittleEndian } = header;
  const bytes = new DataView(new ArrayBuffer(FRAME_HEADER_BYTES + pageSize));
  const data = new DataView(bytes.buffer, FRAME_HEADER_BYTES);
  let { checksum } = header;
  using file = Deno.openSync(path);
  file.seekSync(HEADER_BYTES, Deno.SeekMode.Start);
  while (fill(file, bytes) && bytes.getBigUint64(8) === salt) {
    checksum = add(checksum, bytes, { from: 0, to: 8, isLittleEndian });
    checksum = add(checksum, data, { from: 0, to: pageSize, isLittleEndian });
    if (!isSame(checksum, bytes, 16)) return;
    yield { page: bytes.getUint32(0), data };
  }
}

/** Whether the file had enough bytes left to fill `view`. */
function fill(file: Deno.FsFile, view: DataView<ArrayBuffer>): boolean {
  const bytes = new Uint8Array(view.buffer);
  for (let filled = 0; filled < bytes.length;) {
    const read = file.readSync(bytes.subarray(filled));
    if (read === null) return false;
    filled += read;
  }
  return true;
}

function add(
  [first, second]: Checksum,
  view: DataView,
  { from, to, isLittleEndian }: { readonly from: number; readonly to: number; readonly isLittleEndian: boolean },
): Checksum {
  let [a, b] = [first, second];
  for (let at = from; at < to; at += 8) {
    a = (a + view.getUint32(at, isLittleEndian) + b) >>> 0;
    b = (b + view.getUint32(at + 4, isLittleEndian) + a) >>> 0;
  }
  return [a, b];
}

function isSame([first, second]: Checksum, view: DataView, at: number): boolean {
  return view.getUint32(at) === first && view.getUint32(at + 4) === second;
}
