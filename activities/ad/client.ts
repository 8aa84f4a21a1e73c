import { isIP } from 'node:net';
import { Client } from 'ldapts';
import { AttemptClient } from '../kit/attempt-client.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { type Trust, trustOf } from '../kit/trust.ts';
import { Directory } from './directory.ts';
import { failureOf } from './errors.ts';
import type { AdSettings } from './settings.ts';

const connectMs = 10_000;
const operationMs = 60_000;

export class AdClient extends AttemptClient {
  readonly settings: AdSettings;
  /** The attribute in which what a run created carries the key of the step that created it. */
  readonly marker: string;
  private readonly trust: Trust;

  constructor(settings: AdSettings) {
    super();
    this.settings = settings;
    this.marker = settings.marker ?? 'adminDescription';
    this.trust = trustOf('ad', settings.ca);
  }

  /**
   * Signs in, does the work and ends the connection. Domain controllers drop connections that are idle, and ldapts would come back
   * without its sign-in, so none is kept.
   */
  async session<T>(work: (directory: Directory) => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    this.refuseCatalogue();
    const client = this.connection();
    const end = () => void client.unbind().catch(() => {});
    this.signal.addEventListener('abort', end, { once: true });
    try {
      return await work(await this.signedIn(client));
    } catch (error) {
      this.signal.throwIfAborted();
      throw error;
    } finally {
      this.signal.removeEventListener('abort', end);
      await client.unbind().catch(() => {});
    }
  }

  /** It reads, also of other domains, and refuses every write as if the entry were to blame. */
  private refuseCatalogue(): void {
    const { url } = this.settings;
    if (!['3268', '3269'].includes(new URL(url).port)) return;
    throw new PermanentFailure(
      `${url}, under connectors: ad: in countersign.yaml, is the port of the global catalogue, where nothing can be written. Leave the port out.`,
    );
  }

  private connection(): Client {
    const { url } = this.settings;
    return new Client({
      url,
      connectTimeout: connectMs,
      timeout: operationMs,
      // With ldap:// they come with StartTLS: ldapts would speak TLS from the first byte (findings/ldapts-start-tls.sh).
      ...(url.startsWith('ldaps:') ? { tlsOptions: this.tlsOptions() } : {}),
    });
  }

  private async signedIn(client: Client): Promise<Directory> {
    const { url, user, password, base } = this.settings;
    try {
      if (url.startsWith('ldap:')) await client.startTLS({ host: this.name(), ...this.tlsOptions() });
      await client.bind(user, password);
    } catch (error) {
      throw failureOf(error, 'could not be signed in to');
    }
    const root = new Directory(client, '', undefined);
    const domain = (await root.read('', ['defaultNamingContext']))?.text('defaultNamingContext');
    if (domain === undefined)
      throw new PermanentFailure(
        'What answers under url of connectors: ad: in countersign.yaml is no domain controller: it names no domain. Check url.',
      );
    return new Directory(client, domain, base);
  }

  private tlsOptions() {
    const name = this.name();
    return {
      ...(isIP(name) === 0 ? { servername: name } : {}),
      ...(this.trust.ca ? { ca: this.trust.ca } : {}),
    };
  }

  /** What the certificate must be made out to. It is said in any case: after StartTLS it would be localhost. */
  private name(): string {
    return this.settings.servername ?? new URL(this.settings.url).hostname.replace(/^\[|\]$/g, '');
  }
}
