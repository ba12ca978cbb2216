import { givenRows, key } from "@jukebase/marts/given-rows.testing.ts";
import { test } from "vitest";
import { dimCustomerVersions } from "./dim_customer_versions.ts";

const given = givenRows(dimCustomerVersions);

test("each registration holds until the next, the last one still does", async () => {
  const customer = [{ customer_key: key(1), customer_id: "c" }];
  const history = [
    { customer_key: key(1), valid: "[2025-01-01T00:00:00Z,2025-02-01T00:00:00Z)", customer_name: "Bar" },
    { customer_key: key(1), valid: "[2025-02-01T00:00:00Z,)", customer_name: "Bar and Grill" },
  ];
  await given({ "sales.customer": customer, "sales.customer_history": history }, [
    { customer_name: "Bar", valid_from: "2025-01-01T00:00:00Z", valid_to: "2025-02-01T00:00:00Z" },
    { customer_name: "Bar and Grill", valid_from: "2025-02-01T00:00:00Z", valid_to: null },
  ]);
});
