import { givenRows, key } from "@jukebase/marts/given-rows.testing.ts";
import { test } from "vitest";
import { dimDevices } from "./dim_devices.ts";

const given = givenRows(dimDevices);

test("devices of one product share its name; device 5 of another namespace is another device", async () => {
  await given(
    {
      "sales.device": [
        { device_key: key(1), namespace: "till", device_id: "5", product_key: key(10) },
        { device_key: key(2), namespace: "crm", device_id: "5", product_key: key(10) },
        { device_key: key(3), namespace: "till", device_id: "6", product_key: key(11) },
      ],
      "sales.product": [
        { product_key: key(10), product_name: "MusicMaker3000" },
        { product_key: key(11), product_name: "TuneBox" },
        { product_key: key(12), product_name: "never built" },
      ],
    },
    [
      { device_id: "5", namespace: "till", product_key: key(10), product_name: "MusicMaker3000" },
      { device_id: "5", namespace: "crm", product_key: key(10), product_name: "MusicMaker3000" },
      { device_id: "6", namespace: "till", product_key: key(11), product_name: "TuneBox" },
    ],
  );
});
