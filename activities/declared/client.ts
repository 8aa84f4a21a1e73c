/** The senders of a declared service, by what an action was compiled with. */
import type { CompiledAction, DeclaredService } from '../../plan/declared.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { AttemptClient } from '../kit/attempt-client.ts';
import { withDefaults } from './comparing.ts';
import { HttpSender } from './http-sender.ts';
import { ScriptSender } from './scripts/script-sender.ts';
import type { Sender } from './sender.ts';

/** What all attempts of a service in this process share, by its settings. */
export class DeclaredClient extends AttemptClient {
  readonly settings: JsonObject;
  private readonly senders = new Map<string, Sender>();
  private readonly open = new WeakMap<DeclaredService, JsonObject>();

  constructor(settings: JsonObject) {
    super();
    this.settings = settings;
  }

  /** What expressions see of the settings: nothing that is secret, by the edition of the service that they belong to. */
  openSettings(service: DeclaredService): JsonObject {
    const known = this.open.get(service);
    if (known) return known;
    const open = Object.fromEntries(
      Object.entries(this.settingsOf(service)).filter(([name]) => !service.sensitive.includes(name)),
    );
    this.open.set(service, open);
    return open;
  }

  /** Where the configuration is silent, what the service itself says. */
  private settingsOf({ settings: schema }: DeclaredService): JsonObject {
    return withDefaults(this.settings, schema);
  }

  /** An action that a live run began with may be of another edition of the service, and of its scripts. */
  senderOf(compiled: CompiledAction): Sender {
    const key = compiled.action.scripts ? compiled.hash : serviceKey(compiled.service);
    const known = this.senders.get(key);
    if (known) return known;
    const made = compiled.service.scripts
      ? new ScriptSender(compiled, compiled.service.scripts, this.settingsOf(compiled.service))
      : new HttpSender(compiled, this.settingsOf(compiled.service));
    this.senders.set(key, made);
    return made;
  }
}

const keys = new WeakMap<DeclaredService, string>();

/** Equal services share their tokens and limits, whichever actions they came with. */
function serviceKey(service: DeclaredService): string {
  const key = keys.get(service) ?? JSON.stringify(service);
  keys.set(service, key);
  return key;
}
