import { badDayWords, type Shared, type StandIn } from '../stand-in.ts';
import { Channels } from './channels.ts';
import { botToken, prefix, slackRoutes } from './routes.ts';

/** Slack's Web API. */
export function slack({ effects }: Shared): StandIn {
  const channels = new Channels(effects);
  return {
    system: 'slack',
    prefix: '/slack/',
    base: prefix,
    routes: (app) => slackRoutes(app, channels),
    lacks: (answer) => /^\{"ok":false,"error":"\w+_not_found"/.test(answer),
    people: (app) => {
      app.post('/_sandbox/slack/messages', async (request, reply) => {
        const { channel = '', text = '' } = (request.body ?? {}) as Record<string, string>;
        const found = channels.find(channel);
        if (!found) return reply.code(404).send({ message: `There is no channel ${channel}.` });
        return channels.write(found, text);
      });
    },
    state: () => ({ slack: { channels: channels.list() } }),
    reset: () => channels.reset(),
    connectors: (url) => ({ slack: { botToken, baseUrl: `${url}${prefix}` } }),
    errorBody: (status) => ({ ok: false, error: status === 429 ? 'ratelimited' : badDayWords(status) }),
  };
}
