import type { Random } from "../random.ts";
import type { Song } from "../truth/facts.ts";
import { spellInstant } from "./spelling.ts";

/** A play as sent, with what it means: `follows` amends it or takes it back later. */
export type PlayLine = {
  readonly line: string;
  readonly deviceId: string | undefined;
  readonly completed: boolean;
  readonly retracted: boolean;
  readonly follows: string | undefined;
};

/**
 * One play, written by hand since there are millions: 3 % are of version 1 (no device), a fifth tells only how far the song was heard.
 * Completed means SongCompleted, else SongCompletedTime at least the song's length.
 */
export function playLine(id: string, deviceId: string, at: number, song: Song, random: Random): PlayLine {
  const draw = random.next();
  const completed = random.next() < 0.72;
  const device = draw < 0.03 ? undefined : deviceId;
  const unknownSong = draw > 0.997;
  const heard = completed ? song.seconds : 5 + Math.floor(random.next() * song.seconds * 0.8);
  const told =
    draw < 0.75 || unknownSong
      ? `"SongCompleted":${completed}`
      : draw < 0.95
        ? `"SongCompletedTime":${heard}`
        : `"SongCompleted":${completed},"SongCompletedTime":${heard}`;
  const outcome = device === undefined ? `"SongCompleted":${completed}` : told;
  const version = draw < 0.4 && device !== undefined ? ',"version":2' : "";
  const head = `"type":"Music.SongListened"${version},`;
  const songId = unknownSong ? '"66000001"' : spellSong(song.songId, random.next());
  const body = (outcomeText: string): string =>
    `"data":{"SongId":${songId},${device === undefined ? "" : `"DeviceId":"${device}",`}${outcomeText},"OccurredAt":${quoted(spellInstant(at, random.next()))}}}`;

  const fate = random.next();
  const retracted = fate < 0.0005;
  const amended = !retracted && fate < 0.001;
  const line = `{"id":"${id}",${head}${body(amended ? `"SongCompleted":${!completed}` : outcome)}`;
  const follows = retracted
    ? `{"id":"${id}-r","type":"Music.SongListened","time":${quoted(spellInstant(at, 1))},"retracts":"${id}"}`
    : amended
      ? `{"id":"${id}-a","amends":"${id}",${head}${body(outcome)}`
      : undefined;
  return { line, deviceId: device, completed, retracted, follows };
}

/** A song id as it stands in JSON; a number may come without quotes. */
function spellSong(songId: string, draw: number): string {
  return draw < 0.3 && !songId.includes("-") ? songId : `"${songId}"`;
}

function quoted(instant: string | number): string | number {
  return typeof instant === "number" ? instant : `"${instant}"`;
}
