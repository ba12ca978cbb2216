import type { BulkPart } from "@jukebase/platform";

const listenings = `insert into play (
  log_id, event_key, source, event_id, occurred_at, recorded_at, device_key, device_id, song_key, song_id, completed, listened_s
)
select
  log_id, event_key, source, event_id, occurred_at, recorded_at,
  coalesce(platform.entity_key('device', namespace, device_id), platform.nobody()), device_id,
  platform.entity_key('song', namespace, song_id), song_id, song_completed, song_completed_time
from incoming_music_song_listened`;

/** Every listening; nothing follows from it but the marts. */
export const playsInBulk: BulkPart = { facts: [listenings], touched: [] };

/** Every listening counts at once; whether its song and device are known is for the marts to say. */
export const plays: readonly string[] = [
  `delete from play
   where log_id in (select log_id from withdrawn where type = 'Music.SongListened')`,

  listenings,
];
