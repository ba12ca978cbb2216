import { givenRows, key } from "@jukebase/marts/given-rows.testing.ts";
import { expect, test } from "vitest";
import { dimCustomers } from "./dim_customers.ts";

const given = givenRows(dimCustomers);

test("a customer is shown without what tells of a person, not even as a token", async () => {
  const secrets = {
    legal_address: "token 1",
    phone_number: "token 2",
    identity_number: "token 3",
    email: "token 4",
    date_of_birth: "token 5",
  };
  const customer = {
    customer_key: key(1),
    namespace: "till",
    customer_id: "c",
    customer_name: "Bar",
    email_domain: "example.com",
    birth_decade: 1980,
  };
  const [row] = await given(
    {
      "sales.customer": [{ ...customer, ...secrets, registered_at: "2024-01-01T00:00:00Z", changed_at: "2025-01-01T00:00:00Z" }],
    },
    [{ ...customer, registered_at: "2024-01-01T00:00:00Z", changed_at: "2025-01-01T00:00:00Z" }],
  );
  expect(JSON.stringify(row)).not.toContain("token");
});

test("a customer may have left neither e-mail domain nor decade of birth", async () => {
  await given({ "sales.customer": [{ customer_key: key(1), customer_id: "c" }] }, [
    { customer_id: "c", email_domain: null, birth_decade: null },
  ]);
});
