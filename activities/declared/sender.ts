/** How the requests of a declared service reach it: over HTTP, or by scripts. */
import type { DeclaredService } from '../../plan/declared.ts';
import type { Answer } from './answer.ts';
import type { Rendered } from './render.ts';

export interface Sender {
  readonly service: DeclaredService;
  /** One exchange. Rejects with the failure that it is where there is no answer. */
  send(request: Rendered, signal: AbortSignal, conceal: (text: string) => void): Promise<Answer>;
  /** Whether signing in takes a request of its own. */
  readonly asksToSignIn: boolean;
  /** Signs in where that takes a request of its own. What fails here has sent nothing else. */
  signedIn(conceal: (text: string) => void): Promise<unknown>;
  /** The request for a next page that an answer names; undefined when it would lead anywhere else. */
  nextPage(next: string, from: Rendered): Rendered | undefined;
}
