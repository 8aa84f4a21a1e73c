/** Slack's Web API, over HTTP. It says no with a status of 200 and a word. */

import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { defined } from '../../plan/defined.ts';
import { contractOf } from '../contract.ts';
import { type Channel, type Channels, type Message, person } from './channels.ts';

export const slackContract = 'slack-web-v2.trimmed.json';
export const botToken = 'xoxb-sandbox-slack-token';
export const prefix = '/slack/api';

const longestText = 40_000;
const longestSection = 3_000;
const mostBlocks = 50;
const usualPage = 100;
const largestPage = 1_000;

type Fields = Record<string, string | undefined>;

class SlackError extends Error {
  readonly word: string;
  constructor(word: string) {
    super(word);
    this.word = word;
  }
}

export function slackRoutes(app: FastifyInstance, channels: Channels): void {
  app.register(
    async (slack) => {
      slack.addHook('onRequest', async (_request, reply) => {
        reply.header('x-slack-req-id', randomBytes(16).toString('hex'));
      });
      slack.addHook('preHandler', async (request) => {
        authenticate(request);
        holdToContract(request);
      });
      slack.setErrorHandler((error, _request, reply) => {
        if (error instanceof SlackError) return reply.code(200).send({ ok: false, error: error.word });
        const { statusCode = 500 } = error as { statusCode?: number };
        return statusCode < 500
          ? reply.code(200).send({ ok: false, error: 'invalid_form_data' })
          : reply.code(statusCode).send({ ok: false, error: 'internal_error' });
      });
      slack.setNotFoundHandler(async () => {
        throw new SlackError('unknown_method');
      });
      people(slack, channels);
      methods(slack, channels);
    },
    { prefix },
  );
}

/** Slack Web API: users.lookupByEmail. Whoever the workspace does not know is no user of it. */
function people(slack: FastifyInstance, channels: Channels): void {
  slack.get('/users.lookupByEmail', async (request) => {
    const { email = '' } = request.query as Fields;
    const id = channels.userOf(email);
    if (id === undefined) throw new SlackError('users_not_found');
    return { ok: true, user: { id, name: email.split('@')[0], profile: { email } } };
  });
}

function methods(slack: FastifyInstance, channels: Channels): void {
  slack.post('/chat.postMessage', async (request) => {
    const { channel: name = '', text, blocks } = (request.body ?? {}) as Fields;
    const channel = memberOf(seen(channels, name));
    const sections = blocks === undefined ? undefined : checkedBlocks(blocks);
    if (!text && !sections) throw new SlackError('no_text');
    if ((text ?? '').length > longestText) throw new SlackError('msg_too_long');
    const message = channels.post(channel, text ?? '', sections);
    return { ok: true, channel: channel.id, ts: message.ts, message };
  });

  slack.get('/conversations.history', async (request) => {
    const { channel: id = '', oldest, limit, cursor } = request.query as Fields;
    if (!/^[CGD]/.test(id)) throw new SlackError('channel_not_found');
    const channel = memberOf(seen(channels, id), { alsoArchived: true });
    const after = Number(oldest ?? 0);
    const newestFirst = channel.messages.filter(({ ts }) => Number(ts) > after).reverse();
    const { items, next } = pageOf<Message>(newestFirst, limit, cursor);
    return {
      ok: true,
      messages: items,
      has_more: next !== '',
      pin_count: 0,
      channel_actions_ts: null,
      channel_actions_count: 0,
      ...defined({ response_metadata: next ? { next_cursor: next } : undefined }),
    };
  });

  slack.get('/conversations.list', async (request) => {
    const { types = 'public_channel', exclude_archived, limit, cursor } = request.query as Fields;
    const wanted = types.split(',');
    const shown = channels
      .list()
      .filter(({ isPrivate, isMember }) => isMember || !isPrivate)
      .filter(({ isPrivate }) => wanted.includes(isPrivate ? 'private_channel' : 'public_channel'))
      .filter(({ isArchived }) => !isArchived || exclude_archived !== 'true');
    const { items, next } = pageOf(shown, limit, cursor);
    return { ok: true, channels: items.map(conversation), response_metadata: { next_cursor: next } };
  });
}

function authenticate(request: FastifyRequest): void {
  const { authorization } = request.headers;
  if (!authorization) throw new SlackError('not_authed');
  if (authorization !== `Bearer ${botToken}`) throw new SlackError('invalid_auth');
}

function holdToContract(request: FastifyRequest): void {
  const path = request.url.split('?')[0]?.slice(prefix.length) ?? '';
  const query = request.query as Fields;
  const problem = contractOf(slackContract)?.problemOf(request.method, path, query, request.body);
  if (!problem) return;
  const isUnknown = problem.kind === 'path' || problem.kind === 'method';
  throw new SlackError(isUnknown ? 'unknown_method' : 'invalid_arg_name');
}

/** A private channel is hidden from an app that is not in it. */
function seen(channels: Channels, name: string): Channel {
  const channel = channels.find(name);
  if (!channel || (channel.isPrivate && !channel.isMember)) throw new SlackError('channel_not_found');
  return channel;
}

function memberOf(channel: Channel, { alsoArchived = false } = {}): Channel {
  if (channel.isArchived && !alsoArchived) throw new SlackError('is_archived');
  if (!channel.isMember) throw new SlackError('not_in_channel');
  return channel;
}

interface Section {
  type?: unknown;
  block_id?: unknown;
  text?: { type?: unknown; text?: unknown };
  elements?: unknown;
}

/** Slack: Block Kit, actions and button: a text of its own, and an address of at most 3,000 characters. */
function isRowOfLinks({ type, elements }: Section): boolean {
  if (type !== 'actions' || !Array.isArray(elements) || elements.length === 0 || elements.length > 25)
    return false;
  return elements.every(
    ({ type: kind, text, url }) =>
      kind === 'button' &&
      text?.type === 'plain_text' &&
      String(text.text ?? '').length > 0 &&
      String(text.text).length <= 75 &&
      typeof url === 'string' &&
      URL.canParse(url) &&
      url.length <= 3_000,
  );
}

/** Slack: Block Kit, section. */
function checkedBlocks(text: string): unknown[] {
  let blocks: unknown;
  try {
    blocks = JSON.parse(text);
  } catch {
    throw new SlackError('invalid_blocks_format');
  }
  const ids = new Set<unknown>();
  const fits = ({ type, block_id: id, text: content }: Section) => {
    const words = content?.text;
    const isNew = id === undefined || !ids.has(id);
    ids.add(id);
    return (
      type === 'section' &&
      isNew &&
      (id === undefined || (typeof id === 'string' && id.length > 0 && id.length <= 255)) &&
      (content?.type === 'mrkdwn' || content?.type === 'plain_text') &&
      typeof words === 'string' &&
      words.length > 0 &&
      words.length <= longestSection
    );
  };
  const isTaken = (block: Section) => isRowOfLinks(block) || fits(block);
  if (
    Array.isArray(blocks) &&
    blocks.length <= mostBlocks &&
    blocks.every((block) => isTaken(block as Section))
  )
    return blocks;
  throw new SlackError('invalid_blocks');
}

/** A cursor is where the next page begins. */
function pageOf<T>(
  items: T[],
  limit: string | undefined,
  cursor: string | undefined,
): { items: T[]; next: string } {
  const start = cursor
    ? Number(
        Buffer.from(cursor, 'base64')
          .toString()
          .replace(/^next:/, ''),
      )
    : 0;
  if (!Number.isInteger(start)) throw new SlackError('invalid_cursor');
  const end = start + Math.min(Number(limit ?? usualPage), largestPage);
  const next = end < items.length ? Buffer.from(`next:${end}`).toString('base64') : '';
  return { items: items.slice(start, end), next };
}

function conversation({ id, name, isPrivate, isMember, isArchived }: Channel) {
  return {
    id,
    name,
    name_normalized: name,
    created: 1_700_000_000,
    creator: person,
    is_channel: true,
    is_group: false,
    is_im: false,
    is_mpim: false,
    is_general: false,
    is_shared: false,
    is_org_shared: false,
    is_private: isPrivate,
    is_member: isMember,
    is_archived: isArchived,
    topic: { value: '', creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  };
}
