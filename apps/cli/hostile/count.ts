/** The lines of some bytes that hold anything but white space, without their line ends: counted by the sender, who trusts no reader. */
export function segmentsOf(bytes: Buffer): Buffer[] {
  const segments: Buffer[] = [];
  let from = 0;
  while (from <= bytes.length) {
    const found = bytes.indexOf(0x0a, from);
    const end = found < 0 ? bytes.length : found;
    const segment = bytes.subarray(from, end);
    if (segment.some((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0d))
      segments.push(segment.at(-1) === 0x0d ? segment.subarray(0, -1) : segment);
    from = end + 1;
  }
  return segments;
}
