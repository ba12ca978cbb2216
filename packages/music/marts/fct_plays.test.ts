import { givenRows, key } from "@jukebase/marts/given-rows.testing.ts";
import { describe, test } from "vitest";
import { fctPlays } from "./fct_plays.ts";
import { others } from "./others.testing.ts";

const given = givenRows(fctPlays, { others });
const givenInRome = givenRows(fctPlays, { zone: "Europe/Rome", others });

const play = {
  log_id: key(1),
  device_key: key(2),
  device_id: "d",
  song_key: key(3),
  song_id: "s",
  occurred_at: "2025-01-31T23:30:00Z",
};
const songs = [{ song_key: key(3), song_name: "1999", length_s: "180" }];

describe("a play was completed", () => {
  test.each([
    ["when its event says so, though few seconds were heard", { completed: true, listened_s: "1" }, true],
    ["not when its event says no, though all was heard", { completed: false, listened_s: "180" }, false],
    ["when as many seconds were heard as the song has", { listened_s: "180" }, true],
    ["not when fewer were", { listened_s: "179.999" }, false],
    ["or not, which nobody knows, when nothing is said", {}, null],
  ])("%s", async (_, said, is_completed) => {
    await given({ "music.play": [{ ...play, ...said }], "music.song": songs }, [{ is_completed }]);
  });

  test("or not, which nobody knows, when its song is not known", async () => {
    await given({ "music.play": [{ ...play, listened_s: "180" }] }, [
      { is_completed: null, is_song_known: false, song_name: null, song_id: "s" },
    ]);
  });
});

test("a play without a device says so", async () => {
  await given({ "music.play": [{ ...play, device_key: key(0), device_id: null }], "music.song": songs }, [
    { has_device: false, device_id: null, is_song_known: true, song_name: "1999" },
  ]);
});

test("its business date is of the installation's zone", async () => {
  await given({ "music.play": [play] }, [{ played_on: "2025-01-31" }]);
  await givenInRome({ "music.play": [play] }, [{ played_on: "2025-02-01" }]);
});
