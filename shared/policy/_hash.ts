/**
 * A number from 0 up to, not including, 1 that depends on `text` alone. Similar texts give numbers far apart. FNV-1a over UTF-16
 * units, finished with a 32-bit mix (Murmur3's finaliser).
 */
export function unitHash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return ((value ^ (value >>> 16)) >>> 0) / 0x1_0000_0000;
}
