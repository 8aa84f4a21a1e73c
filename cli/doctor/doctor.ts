/** Whether this installation can work: everything it depends on is looked at, side by side, with reads alone. */
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { connectorSettings, secretsOf } from '../../activities/kit/configured-services.ts';
import type { Configuration } from '../../compiler/configuration/configuration.ts';
import { errorText } from '../../plan/error-text.ts';
import { Redactions } from '../../vault/secrets.ts';
import { type CompiledProject, compileProject, projectConnectors, readProject } from '../project.ts';
import { lookAtAuditStream } from './audit-stream.ts';
import { lookAtConnectors } from './connectors.ts';
import { lookAtDatabase } from './database.ts';
import { type Finding, found } from './finding.ts';
import { lookAtBranch } from './git.ts';
import { lookAtSignIn } from './sign-in.ts';
import { lookAtTemporal } from './temporal.ts';
import { lookAtWebhook, usedSystems } from './tickets.ts';

export interface Asked {
  /** Path of countersign.yaml. */
  path: string;
  runbooks: string[];
  data: string;
}

export interface Examined {
  findings: Finding[];
  /** False where there is no configuration to work with. */
  configured: boolean;
}

export async function examine({ path, runbooks, data }: Asked): Promise<Examined> {
  const compiled = compileProject(readProject(runbooks, path));
  const { configuration, plans } = compiled;
  const own = lookAtFiles(compiled, path);
  if (!configuration) return { findings: [own], configured: false };
  const secrets = secretsOf(configuration, path);
  const systems = usedSystems(configuration, plans);
  const database = lookAtDatabase(process.env.DATABASE_URL, systems);
  const settings = await connectorSettings(configuration, path);
  const { git, auditStream } = configuration;
  const around = { configuration, path, data, secrets };
  const findings = await Promise.all([
    found('keys', () => lookAtKeys(data)),
    ...lookAtSecrets(configuration, path),
    found('database', async () => (await database).finding),
    found('temporal', () => lookAtTemporal(around)),
    found('sign-in', (signal) => lookAtSignIn(configuration.signIn, { path, secrets }, signal)),
    ...(git ? [found('git', () => lookAtBranch(git, { path, secrets }))] : []),
    ...(auditStream
      ? [
          found('audit stream', async (signal) => {
            const state = (await database).state?.auditStream;
            return lookAtAuditStream(auditStream, { path, secrets, state }, signal);
          }),
        ]
      : []),
    ...(settings.mail ? [] : [found('mail', async () => noMail)]),
    ...systems.map((system) =>
      found(`webhook ${system}`, async () =>
        lookAtWebhook(system, configuration, secrets, (await database).state?.lastDelivery.get(system)),
      ),
    ),
    ...lookAtConnectors({ ...around, settings, plans, declared: projectConnectors(path).connectors }),
  ]);
  const hidden = new Redactions(passwordsIn(process.env.DATABASE_URL));
  const redacted = (says: string) => hidden.apply(secrets.redact(says));
  return {
    findings: [own, ...findings].map((each) => ({ ...each, says: redacted(each.says) })),
    configured: true,
  };
}

const noMail = {
  state: 'unchecked' as const,
  says: 'Nothing stands under connectors: mail:, so people find what waits for them in their inbox alone',
};

function lookAtFiles({ diagnostics, configuration, plans }: CompiledProject, path: string): Finding {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first)
    return {
      part: 'configuration',
      state: 'problem',
      says: `${errors.length} ${errors.length === 1 ? 'error' : 'errors'}, the first at ${first.file}:${first.line}:${first.column}: ${first.message.split('\n')[0]} All of them: countersign validate`,
    };
  if (!configuration)
    return {
      part: 'configuration',
      state: 'problem',
      says: `${path} does not exist. countersign init makes one`,
    };
  return { part: 'configuration', state: 'ok', says: `${path} and ${plans.length} runbooks compile` };
}

/** One line each, by name alone. */
function lookAtSecrets(configuration: Configuration, path: string): Promise<Finding>[] {
  const names = Object.keys(configuration.secrets ?? {});
  // Its own reader: what one look knows is no reason for another to believe it.
  const secrets = secretsOf(configuration, path);
  return names.map((name) =>
    found(`secret ${name}`, async () => {
      await secrets.get(name);
      return { state: 'ok', says: 'is there' };
    }),
  );
}

/** Whoever can read the key ring can read every payload. */
async function lookAtKeys(data: string): Promise<Omit<Finding, 'part'>> {
  const file = process.env.COUNTERSIGN_KEY_RING ?? join(data, 'key-ring.json');
  try {
    const { mode } = await stat(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0 && !process.env.COUNTERSIGN_KEY_RING)
      return {
        state: 'problem',
        says: `${file} can be read by others than its owner, and with it everything that is encrypted: chmod 600 ${file}`,
      };
    return {
      state: 'ok',
      says: `${file} is there. Without it nothing that was kept can be read: is it in the backup?`,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !process.env.COUNTERSIGN_KEY_RING)
      return { state: 'unchecked', says: `${file} is made at the first start` };
    return { state: 'problem', says: `The key ring cannot be read: ${errorText(error)}` };
  }
}

function passwordsIn(url: string | undefined): string[] {
  if (!url || !URL.canParse(url)) return [];
  const { password } = new URL(url);
  return password ? [password, decodeURIComponent(password)] : [];
}

/** Where gateway and worker would look. */
export function askedBy(config: string | undefined, data: string | undefined): Asked {
  const path = config ?? process.env.COUNTERSIGN_CONFIG ?? 'countersign.yaml';
  const folder = process.env.COUNTERSIGN_RUNBOOKS;
  return {
    path,
    runbooks: folder ? [folder] : [],
    data: resolve(data ?? process.env.COUNTERSIGN_DATA ?? join(dirname(path), '.countersign')),
  };
}
