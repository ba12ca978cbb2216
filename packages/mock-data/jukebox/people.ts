import type { Faker } from "@faker-js/faker";
import { type Random, weightedIndex } from "../random.ts";
import type { Size } from "./size.ts";

/** Who sells; `skill` weighs how many of the sales are theirs. */
export type Agent = { readonly id: string; readonly name: string; readonly skill: number };

/** How a customer pays. `lump` names no device; `never` does not pay at all. */
export type Habit = "prompt" | "late" | "partial" | "over" | "early" | "lump" | "never";

/** Agents of unequal skill: the best sells about ten times as much as the last. */
export function makeAgents(size: Size, faker: Faker, random: Random): Agent[] {
  return Array.from({ length: size.agents }, (_, index) => ({
    id: index % 9 === 8 ? `AG-${index}` : String(201 + index),
    name: faker.person.fullName(),
    skill: 0.3 + Math.exp(2.2 * random.next() * random.next()) - 1 + 0.5 / (1 + index),
  }));
}

/** A picker of agents by skill. */
export function agentPicker(agents: readonly Agent[]): (random: Random) => Agent {
  const pick = weightedIndex(agents.map((agent) => agent.skill));
  return (random) => agents[pick(random.next())] as Agent;
}

/** A habit, the good ones more often. */
export function makeHabit(random: Random): Habit {
  return habits[habitIndex(random.next())] as Habit;
}

const habits: readonly Habit[] = ["prompt", "late", "partial", "over", "early", "lump", "never"];
const habitIndex = weightedIndex([40, 20, 11, 6, 7, 13, 3]);
