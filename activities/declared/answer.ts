import type { Json } from '../../plan/plan.ts';

/** What came back of one request. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Json | undefined;
}
