import { givenRows, key } from "@jukebase/marts/given-rows.testing.ts";
import { test } from "vitest";
import { dimLocations } from "./dim_locations.ts";

const given = givenRows(dimLocations);

test("a customer may have several locations, each with or without a place on the map", async () => {
  await given(
    {
      "sales.location": [
        {
          location_key: key(1),
          location_id: "l",
          customer_key: key(9),
          latitude: "-90",
          longitude: "179.999999",
          address: "2 High St",
        },
        { location_key: key(2), location_id: "m", customer_key: key(9), contact_name: "token" },
      ],
      "sales.customer": [{ customer_key: key(9), customer_id: "c", customer_name: "Bar" }],
    },
    [
      {
        location_id: "l",
        customer_id: "c",
        customer_name: "Bar",
        address: "2 High St",
        latitude: "-90",
        longitude: "179.999999",
      },
      { location_id: "m", customer_id: "c", customer_name: "Bar", address: null, latitude: null, longitude: null },
    ],
  );
});
