/** The channels behind the Slack stand-in. Every message is an effect first, and stands there from that effect alone. */
import { defined } from '../../plan/defined.ts';
import type { Effect, Effects } from '../effects.ts';

export interface Message {
  type: 'message';
  ts: string;
  text: string;
  user: string;
  bot_id?: string;
  blocks?: unknown[];
}

export interface Channel {
  id: string;
  name: string;
  isPrivate: boolean;
  /** Whether the app is in it. */
  isMember: boolean;
  isArchived: boolean;
  messages: Message[];
}

export const bot = { user: 'U01COUNTERSIGN', id: 'B01COUNTERSIGN' };
export const person = 'U01KIMOKAFOR';

const seeded: [name: string, more?: Partial<Channel>][] = [
  ['it-changes'],
  ['it-operations'],
  ['it-onboarding'],
  ['it-procurement'],
  ['it-security', { isPrivate: true }],
  // The app has not been invited there.
  ['announcements', { isMember: false }],
  ['board', { isPrivate: true, isMember: false }],
  ['old-project', { isArchived: true }],
];

export class Channels {
  private channels: Channel[] = [];
  private readonly directs = new Map<string, Channel>();
  private readonly effects: Effects;

  constructor(effects: Effects) {
    this.effects = effects;
    this.reset();
    for (const effect of effects.list({ system: 'slack' })) this.apply(effect);
  }

  reset(): void {
    this.directs.clear();
    this.channels = seeded.map(([name, more]) => ({
      id: `C01${name.toUpperCase().replaceAll(/[^A-Z]/g, '')}`,
      name,
      isPrivate: false,
      isMember: true,
      isArchived: false,
      messages: [],
      ...more,
    }));
  }

  list(): Channel[] {
    return this.channels;
  }

  /** Of somebody in the workspace: everybody at example.com. */
  userOf(email: string): string | undefined {
    const [, name] = /^([\w.-]+)@example\.com$/i.exec(email) ?? [];
    return name && `U01${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')}`;
  }

  /** By id or name, as Slack takes both when it posts; by the id of a person, what the app and they write to each other. */
  find(channel: string): Channel | undefined {
    const [, who] = /^[UD]01([A-Z0-9]+)$/.exec(channel) ?? [];
    if (who !== undefined) return this.direct(who);
    return this.channels.find(({ id, name }) => id === channel || name === channel.replace(/^#/, ''));
  }

  private direct(who: string): Channel {
    const known = this.directs.get(who);
    const channel = known ?? {
      id: `D01${who}`,
      name: who,
      isPrivate: true,
      isMember: true,
      isArchived: false,
      messages: [],
    };
    this.directs.set(who, channel);
    return channel;
  }

  /** By the app. */
  post(channel: Channel, text: string, blocks: unknown[] | undefined): Message {
    return this.add('message.posted', channel, {
      text,
      user: bot.user,
      bot_id: bot.id,
      ...defined({ blocks }),
    });
  }

  /** By a person. */
  write(channel: Channel, text: string): Message {
    return this.add('message.written', channel, { text, user: person });
  }

  private add(effect: string, channel: Channel, content: Omit<Message, 'type' | 'ts'>): Message {
    const number = this.effects.list().length + 1;
    const seconds = Math.floor(Date.now() / 1000);
    const message: Message = {
      type: 'message',
      ts: `${seconds}.${String(number).padStart(6, '0')}`,
      ...content,
    };
    this.apply(this.effects.add('slack', effect, `#${channel.name}`, { channel: channel.id, message }));
    return message;
  }

  private apply({ detail = {} }: Effect): void {
    this.find(String(detail.channel))?.messages.push(detail.message as Message);
  }
}
