import type { Static } from 'typebox';
import { GraphClient } from '../kit/graph/client.ts';
import type { EntraSettings } from './settings.ts';

export class EntraClient extends GraphClient {
  /** The extension attribute in which created users carry the key of the step that created them. */
  readonly marker: string;

  constructor(settings: Static<typeof EntraSettings>) {
    super('entra', settings);
    this.marker = settings.marker ?? 'extensionAttribute15';
  }
}
