import type { Projection } from "@jukebase/platform";
import { decimal, defineEvent, emailDomain, id, integer, name, occurredAt, personal, text } from "./contracts/index.ts";
import type { RawEnvelope } from "./sources/index.ts";

const memberJoined = defineEvent({
  type: "Shop.MemberJoined",
  description: "Somebody became a member.",
  naturalKey: "member_id",
  subject: { kind: "member", field: "MemberId" },
  versions: {
    1: {
      fields: {
        MemberId: id("The member."),
        MemberName: name("What the shop calls the member."),
        Phone: personal("phone", text("The member's telephone.")).optional(),
        Email: personal("email", text("The member's e-mail."), { field: "EmailDomain", of: emailDomain }).optional(),
        EmailDomain: name("What is left of Email.").optional(),
        OccurredAt: occurredAt(),
      },
    },
  },
});

const visitMade = defineEvent({
  type: "Shop.VisitMade",
  description: "A member came by.",
  naturalKey: "member_id",
  needs: [{ kind: "member", column: "member_id" }],
  versions: {
    1: {
      fields: {
        MemberId: id("Who came."),
        Minutes: integer("How long, in minutes."),
        Spent: decimal("How much was spent.", { min: 0 }).optional(),
        OccurredAt: occurredAt(),
      },
    },
  },
});

/** The contracts of a shop that exists only in tests: members, who tell of persons, and their visits, which need a member. */
export const shopEvents = [memberJoined, visitMade];

/** A joining as it is sent; what is given replaces what stands here. */
export function joined(member: string, envelope: RawEnvelope = {}, data: object = {}): RawEnvelope {
  return {
    type: "Shop.MemberJoined",
    ...envelope,
    data: { MemberId: member, MemberName: `Name ${member}`, OccurredAt: "2025-01-01T00:00:00Z", ...data },
  };
}

/** A visit as it is sent. */
export function visited(member: string, envelope: RawEnvelope = {}, data: object = {}): RawEnvelope {
  return {
    type: "Shop.VisitMade",
    ...envelope,
    data: { MemberId: member, Minutes: 5, OccurredAt: "2025-02-01T00:00:00Z", ...data },
  };
}

/** A retraction of one of the source's events. */
export function retracted(target: string, envelope: RawEnvelope = {}): RawEnvelope {
  return { type: "Shop.VisitMade", ...envelope, retracts: target };
}

/** The shop's tables: a fact table for each event type, and the members that follow from the joinings. */
export const shopTables = `
  create schema shop;
  create table shop.joining (
    log_id uuid primary key, event_key uuid not null, source text not null, event_id text not null, occurred_at timestamptz not null,
    member_key uuid not null, member_id text not null, member_name text not null
  );
  create table shop.visit (
    log_id uuid primary key, event_key uuid not null, source text not null, event_id text not null, occurred_at timestamptz not null,
    member_key uuid not null, member_id text not null, minutes integer not null, spent numeric
  );
  create table shop.member (member_key uuid primary key, member_id text not null, member_name text not null);
`;

const touched = "(select key from touched where kind = 'member')";

/** From joinings and visits to members and visits, as a domain would do it. */
export const shop: Projection = {
  name: "shop",
  schema: "shop",
  types: ["Shop.MemberJoined", "Shop.VisitMade"],
  facts: { "Shop.MemberJoined": "joining", "Shop.VisitMade": "visit" },
  apply: async (db) => {
    for (const statement of statements) await db.query(statement);
  },
};

const statements = [
  `with gone as (delete from joining where log_id in (select log_id from withdrawn) returning member_key)
   insert into touched (kind, key) select distinct 'member', member_key from gone on conflict do nothing`,
  `with gone as (delete from visit where log_id in (select log_id from withdrawn) returning member_key)
   insert into touched (kind, key) select distinct 'member', member_key from gone on conflict do nothing`,
  `with fresh as (
     insert into joining (log_id, event_key, source, event_id, occurred_at, member_key, member_id, member_name)
     select log_id, event_key, source, event_id, occurred_at, platform.entity_key('member', namespace, member_id), member_id, member_name
     from incoming_shop_member_joined
     returning member_key
   )
   insert into touched (kind, key) select distinct 'member', member_key from fresh on conflict do nothing`,
  `with fresh as (
     insert into visit (log_id, event_key, source, event_id, occurred_at, member_key, member_id, minutes, spent)
     select log_id, event_key, source, event_id, occurred_at, platform.entity_key('member', namespace, member_id), member_id, minutes, spent
     from incoming_shop_visit_made
     returning member_key
   )
   insert into touched (kind, key) select distinct 'member', member_key from fresh on conflict do nothing`,
  `insert into rechecked (log_id) select log_id from visit where member_key in ${touched} on conflict do nothing`,
  `insert into waits (log_id, needs_kind, needs_id, needs_key)
   select log_id, 'member', member_id, member_key
   from visit
   where member_key in ${touched} and not exists (select from joining where joining.member_key = visit.member_key)
   on conflict do nothing`,
  `delete from member where member_key in ${touched}`,
  `insert into member (member_key, member_id, member_name)
   select distinct on (member_key) member_key, member_id, member_name
   from joining
   where member_key in ${touched}
   order by member_key, occurred_at desc, source collate "C" desc, event_id collate "C" desc`,
];
