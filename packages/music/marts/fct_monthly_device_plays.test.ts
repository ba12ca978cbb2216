import { givenRows, key } from "@jukebase/marts/given-rows.testing.ts";
import { test } from "vitest";
import { fctMonthlyDevicePlays } from "./fct_monthly_device_plays.ts";
import { others } from "./others.testing.ts";

const given = givenRows(fctMonthlyDevicePlays, { others });
const givenInRome = givenRows(fctMonthlyDevicePlays, { zone: "Europe/Rome", others });

const nobody = key(0);
const [first, second] = [key(11), key(12)];
const allocations = [
  { allocation_id: first, device_key: key(1), valid_from: "2025-01-10T00:00:00Z", valid_to: "2025-01-20T00:00:00Z" },
  { allocation_id: second, device_key: key(1), valid_from: "2025-01-20T00:00:00Z", valid_to: null },
];
const playAt = (occurred_at: string, more: object = {}) => ({
  device_key: key(1),
  device_id: "d",
  song_key: key(3),
  completed: true,
  occurred_at,
  ...more,
});

test("a play is the allocation's that held the device: from its first instant on, not at the next one's", async () => {
  const plays = [
    playAt("2025-01-09T23:59:59.999999Z"),
    playAt("2025-01-10T00:00:00Z"),
    playAt("2025-01-19T23:59:59.999999Z"),
    playAt("2025-01-20T00:00:00Z"),
    playAt("2025-02-28T00:00:00Z"),
  ];
  await given({ "music.play": plays, "marts.fct_allocations": allocations }, [
    { month: "2025-01-01", allocation_id: nobody, device_id: "d", plays: 1 },
    { month: "2025-01-01", allocation_id: first, device_id: "d", plays: 2 },
    { month: "2025-01-01", allocation_id: second, device_id: "d", plays: 1 },
    { month: "2025-02-01", allocation_id: second, device_id: "d", plays: 1 },
  ]);
});

test("plays on no device and on a device that was never allocated are nobody's, each in a row", async () => {
  const plays = [
    playAt("2025-01-15T00:00:00Z", { device_key: nobody, device_id: null }),
    playAt("2025-01-15T00:00:00Z", { device_key: key(2), device_id: "ghost" }),
  ];
  await given({ "music.play": plays, "marts.fct_allocations": allocations }, [
    { device_key: nobody, allocation_id: nobody, device_id: null, plays: 1 },
    { device_key: key(2), allocation_id: nobody, device_id: "ghost", plays: 1 },
  ]);
});

test("only some plays were completed: by their word, or by the song's length where it is known", async () => {
  const at = "2025-01-15T00:00:00Z";
  const plays = [
    playAt(at),
    playAt(at, { completed: false }),
    playAt(at, { completed: null, listened_s: "180" }),
    playAt(at, { completed: null, listened_s: "179" }),
    playAt(at, { completed: null, listened_s: "180", song_key: key(4) }),
  ];
  const songs = [{ song_key: key(3), length_s: "180" }];
  await given({ "music.play": plays, "music.song": songs, "marts.fct_allocations": allocations }, [
    { plays: 5, completed_plays: 2 },
  ]);
});

test("the month turns at midnight of the installation's zone", async () => {
  const rows = { "music.play": [playAt("2025-01-31T23:30:00Z")], "marts.fct_allocations": allocations };
  await given(rows, [{ month: "2025-01-01", allocation_id: second }]);
  await givenInRome(rows, [{ month: "2025-02-01", allocation_id: second }]);
});
