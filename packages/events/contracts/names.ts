/** Turns a contract's name into a SQL name: `DeviceDetails` → `device_details`, `CustomerID` → `customer_id`. */
export const snakeCase = (name: string): string =>
  name
    .replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "_")
    .replace(/[^A-Za-z0-9]/g, "_")
    .toLowerCase();

/** The name of the typed view of an event type: `Sale.DeviceAllocated` → `sale_device_allocated`. */
export const viewName = (type: string): string => snakeCase(type);
