/** Limits that hold in every process and in every replay (semantics, section 2). What goes over one is a dead letter. */
export const ID_BYTES_MAX = 255;
export const STATUS_MSG_BYTES_MAX = 1024;
export const DEVICES_PER_USER_MAX = 100;
export const CONNECTIONS_PER_DEVICE_MAX = 100;

/** Whether the text takes at most `bytesMax` bytes in UTF-8. */
export function fitsBytes(text: string, bytesMax: number): boolean {
  if (text.length * 3 <= bytesMax) return true;
  if (text.length > bytesMax) return false;
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate pair is 4 bytes for its two units; a lone surrogate becomes the 3 bytes of U+FFFD.
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (isHighSurrogate(unit) && isLowSurrogate(text.charCodeAt(i + 1))) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes <= bytesMax;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
