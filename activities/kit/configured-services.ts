/** What a worker needs besides its connectors: the configuration, secrets, and a way to tell people things. */
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { compile } from '../../compiler/compile.ts';
import type { Configuration } from '../../compiler/configuration/configuration.ts';
import { configuredFileReader } from '../../organisation/calendar-disk.ts';
import { defined } from '../../plan/defined.ts';
import type { JsonObject } from '../../plan/plan.ts';
import type { About, SentMessage } from '../../presentation/messages.ts';
import { resolveReferences } from '../../vault/references.ts';
import { ConfiguredSecrets, type SecretSource } from '../../vault/secrets.ts';
import { PermanentFailure, RetryableFailure } from './failures.ts';
import { GraphClient } from './graph/client.ts';
import { peopleOfGroup } from './graph/group-people.ts';
import type { GraphSettings } from './graph/settings.ts';
import { type Attachment, MailClient } from './mail/client.ts';

/** Reads countersign.yaml. Rejects with every problem in it. */
export async function readConfiguration(path: string): Promise<Configuration> {
  const text = await readFile(path, 'utf8');
  const { configuration, diagnostics } = compile({
    files: [],
    configuration: { path: basename(path), text },
    catalogue: new Map(),
    ticketSystems: ticketSystemsBeside(path),
    dataFile: configuredFileReader(path),
  });
  if (configuration) return configuration;
  const problems = diagnostics.map(
    ({ file, line, column, message }) => `  ${file}:${line}:${column} ${message}`,
  );
  throw new Error(`The configuration ${path} has errors:\n${problems.join('\n')}`);
}

/** Names of the ticket systems that the repository declares itself: a folder each. */
function ticketSystemsBeside(path: string): string[] {
  const folder = join(dirname(resolve(path)), 'connectors');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'tickets.yaml')));
}

/** File paths in the configuration are relative to it. */
export function secretsOf(configuration: Configuration, path: string): ConfiguredSecrets {
  const sources: Record<string, SecretSource> = {};
  for (const [name, source] of Object.entries(configuration.secrets ?? {})) {
    sources[name] = 'file' in source ? { file: resolve(dirname(path), source.file) } : source;
  }
  return new ConfiguredSecrets(sources);
}

/**
 * The connectors' settings: those of the configuration at this path, or of the stand-ins that COUNTERSIGN_CONNECTORS names. Files that
 * they name are relative to the configuration.
 */
export async function connectorSettings(
  configuration: Configuration,
  path: string,
): Promise<Record<string, JsonObject>> {
  const file = process.env.COUNTERSIGN_CONNECTORS;
  const connectors = file
    ? (JSON.parse(await readFile(file, 'utf8')) as Record<string, JsonObject>)
    : connectorsIn(configuration);
  return Object.fromEntries(
    Object.entries(connectors).map(([name, { formerly: _, ...settings }]) => {
      const { ca } = settings as { ca?: { file?: string } };
      if (file || typeof ca?.file !== 'string') return [name, settings];
      return [name, { ...settings, ca: { ...ca, file: resolve(dirname(path), ca.file) } }];
    }),
  );
}

function connectorsIn({ connectors = {} }: Configuration): Record<string, JsonObject> {
  return connectors as Record<string, JsonObject>;
}

/** Settings under which the connector's system was known before, by the configuration. */
export function formerlyOf(configuration: Configuration, connector: string): JsonObject[] {
  const { formerly = [] } = connectorsIn(configuration)[connector] ?? {};
  return Array.isArray(formerly) ? (formerly as JsonObject[]) : [];
}

/**
 * Sends notices by mail. Without a mail connector people find what waits for them in their inbox only. Its password is
 * looked up each time: a secret may be rotated while the process runs.
 */
export function mailNotices(
  settings: JsonObject | undefined,
  services: Parameters<typeof resolveReferences>[1],
  /** Gives a message its ticket, its link and its deadline. */
  complete: (notice: MailNotice) => Promise<SentMessage> = async (notice) => notice,
) {
  return async (notice: MailNotice, signal?: AbortSignal) => {
    if (!settings) return;
    const { value } = await resolveReferences(settings, services);
    const client = new MailClient(value as unknown as ConstructorParameters<typeof MailClient>[0]);
    const { calendar, ...content } = await complete(notice);
    const message = {
      to: notice.to,
      cc: [],
      messageId: client.messageIdOf(notice.id),
      subject: content.subject,
      text: content.text,
      ...defined({
        html: content.html,
        attachments: calendar === undefined ? undefined : [calendarAttachment(calendar)],
      }),
    };
    const { accepted } = await client.for(signal ?? AbortSignal.timeout(60_000)).send(message);
    if (accepted.length === 0)
      throw new RetryableFailure(`No mail server took the notice for ${notice.to.join(', ')}.`);
  };
}

export interface MailNotice {
  id: string;
  to: string[];
  subject: string;
  text: string;
  about?: About;
}

/** Attached, and not an invitation: nobody is asked to accept it. */
function calendarAttachment(text: string): Attachment {
  return {
    filename: 'deadline.ics',
    contentType: 'text/calendar; charset=utf-8',
    content: Buffer.from(text),
  };
}

/** Who is in an Entra group, by the settings under `connectors: entra:`. */
export function entraGroupMembers(
  settings: JsonObject | undefined,
  services: Parameters<typeof resolveReferences>[1],
): (group: string) => Promise<string[]> {
  return async (group) => {
    if (!settings)
      throw new PermanentFailure(
        `A role has the members of the Entra group "${group}", and nothing stands under connectors: entra: in countersign.yaml by which they could be looked up.`,
      );
    const { value } = await resolveReferences(settings, services);
    const client = new GraphClient('entra', value as unknown as GraphSettings);
    return peopleOfGroup(client.for(AbortSignal.timeout(60_000)), group);
  };
}
