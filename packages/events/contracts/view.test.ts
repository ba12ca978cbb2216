import { describe, expect, test } from "vitest";
import { columnsOf } from "./columns.ts";
import { snakeCase, viewName } from "./names.ts";
import { sampleContract } from "./sample.testing.ts";

test.each([
  ["DeviceDetails", "device_details"],
  ["SongSizeMb", "song_size_mb"],
  ["CustomerID", "customer_id"],
  ["URLPath", "url_path"],
  ["first_due", "first_due"],
  ["Id", "id"],
])("%s is %s in SQL", (name, sql) => {
  expect(snakeCase(name)).toBe(sql);
});

test("a view is named after its event type", () => {
  expect(viewName("Sale.DeviceAllocated")).toBe("sale_device_allocated");
});

describe("the typed view", () => {
  test("passes the log's columns through and casts one column per leaf of the newest version", () => {
    expect(sampleContract.select("events.entry")).toMatchInlineSnapshot(`
      "select
        log_id,
        event_key,
        source,
        namespace,
        event_id,
        occurred_at,
        recorded_at,
        version::integer as version,
        data ->> 'RentalId' as rental_id,
        data ->> 'RenterEmail' as renter_email,
        data ->> 'RenterEmailDomain' as renter_email_domain,
        data ->> 'RenterBorn' as renter_born,
        (data ->> 'RenterDecade')::integer as renter_decade,
        (data #>> '{Line,Price}')::numeric as price,
        (data #>> '{Line,Deposit}')::numeric as deposit,
        data #>> '{Line,Currency}' as currency,
        data #>> '{Line,Title}' as title,
        data #>> '{Line,Id}' as line_id,
        case version when 1 then ((data ->> 'Minutes')::numeric * 60) else (data ->> 'Length')::numeric end as length,
        (data ->> 'Noise')::numeric as noise,
        (data ->> 'Loud')::boolean as loud,
        data ->> 'Grade' as grade,
        (data ->> 'Back')::date as back
      from events.entry
      where type = 'Test.DeviceRented'"
    `);
  });

  test("holds a token, which is text, where the field tells of a person", () => {
    expect(sampleContract.columns.find(({ name }) => name === "renter_born")).toMatchObject({ sql: "text", pii: true });
  });
});

describe("the row of an event in JavaScript", () => {
  test("has the columns of the view, null where the event says nothing", () => {
    const row = columnsOf(sampleContract, {
      RentalId: "5",
      Line: { Price: "500", Currency: "USD", Title: "Ten" },
      Length: "258",
    });
    expect(Object.keys(row)).toEqual(sampleContract.columns.map(({ name }) => name));
    expect(row).toMatchObject({ rental_id: "5", price: "500", length: "258", noise: null, line_id: null });
  });

  test("is raised from an older version to the newest", () => {
    const data = { RentalId: "5", Line: { Price: "500", Currency: "USD", Title: "Ten" }, Minutes: 3 };
    expect(columnsOf(sampleContract, data, 1)).toMatchObject({ rental_id: "5", length: "180" });
  });
});
