/** One's own rest after a grave contact, and the wish to come back for somebody in danger. */

import { clientOf, take } from "./calls";
import type { Answers, Done, Iso } from "./schema";

export interface Recovery { may_end_at: Iso | null; is_needed: boolean }

interface Paths {
  "/api/presence/recovery": { get: Answers<Recovery>; delete: Done };
}

const http = clientOf<Paths>();

export const getRecovery = () => take(http.GET("/api/presence/recovery"));
export const endRecovery = () => take(http.DELETE("/api/presence/recovery"));
