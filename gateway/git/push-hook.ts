/** `/hooks/git`: somebody pushed. All that is taken from it is that it is time to look; who may say so has the secret. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { errorText } from '../../plan/error-text.ts';
import { Problem } from '../problem.ts';

interface Parts {
  /** Undefined where none is configured. */
  secret(): Promise<string | undefined>;
  look(): void;
}

export interface Push {
  header(name: string): string | undefined;
  body: Buffer;
}

export class PushHook {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** Throws a {@link Problem} when it is not believed. */
  async take(push: Push): Promise<void> {
    const secret = await this.parts.secret().catch((error: unknown) => {
      throw new Problem(503, 'Not configured', errorText(error), { retryAfter: 60 });
    });
    if (secret === undefined)
      throw new Problem(
        401,
        'Not believed',
        'countersign.yaml has no webhookSecret under git:, so nothing that is sent here can be believed.',
      );
    if (!isSigned(push, secret))
      throw new Problem(
        401,
        'Not believed',
        'It is not signed with the webhookSecret under git: in countersign.yaml.',
      );
    this.parts.look();
  }
}

/** As GitHub, Gitea and Forgejo sign the body, or as GitLab sends the secret itself. */
function isSigned({ header, body }: Push, secret: string): boolean {
  const token = header('x-gitlab-token');
  if (token !== undefined) return same(token, secret);
  const given = header('x-hub-signature-256')?.replace(/^sha256=/, '') ?? header('x-gitea-signature');
  if (given === undefined) return false;
  return same(given, createHmac('sha256', secret).update(body).digest('hex'));
}

function same(a: string, b: string): boolean {
  const digest = (text: string) => createHmac('sha256', 'compared').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
