import type { RequestHandler } from "express";
import { Refusal } from "./refusal.ts";

/** Lets a bounded number of requests be under way; what comes on top is refused before it is begun, so that nothing is half taken. */
export function gate(most: number): RequestHandler {
  let under_way = 0;
  return (_request, response, next) => {
    if (under_way >= most) {
      throw new Refusal("unavailable", "More is coming in than can be taken at the moment. Send the same again.", {
        "retry-after": "1",
      });
    }
    under_way += 1;
    response.once("close", () => {
      under_way -= 1;
    });
    next();
  };
}
