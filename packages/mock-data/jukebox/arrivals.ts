/** Lines on their way: each leaves at its position or some positions later, so what waits is bounded by the delays. */
export type Arrivals = {
  /** Sends a line `delay` positions late and returns the position at which it arrives. */
  readonly send: (line: string, delay: number) => number;
  /** Sends a line that has to arrive at or after a position; it takes no position of its own. */
  readonly sendAt: (line: string, position: number) => void;
  /** The lines that have arrived since the last call. */
  readonly take: () => string[];
  /** All that is left, in order of arrival. */
  readonly rest: () => string[];
};

/** An empty road. */
export function arrivals(): Arrivals {
  const held = new Map<number, string[]>();
  let arrived: string[] = [];
  let position = 0;
  const sendAt = (line: string, at: number): void => {
    const lines = held.get(at);
    if (lines === undefined) held.set(at, [line]);
    else lines.push(line);
  };
  const take = (): string[] => {
    const lines = arrived;
    arrived = [];
    return lines;
  };
  return {
    send: (line, delay) => {
      const at = position + delay;
      if (delay === 0) arrived.push(line);
      else sendAt(line, at);
      const due = held.get(position);
      if (due !== undefined) {
        arrived.push(...due);
        held.delete(position);
      }
      position += 1;
      return at;
    },
    sendAt,
    take,
    rest: () => [...take(), ...[...held].sort(([one], [other]) => one - other).flatMap(([, lines]) => lines)],
  };
}
