/** The runbooks and, where the configuration names a branch, what follows it. */
import { join, resolve } from 'node:path';
import { readConfiguration, secretsOf } from '../../activities/kit/configured-services.ts';
import type { Configuration } from '../../compiler/configuration/configuration.ts';
import { resolvePeople } from '../../organisation/people.ts';
import type { Outbox } from '../../store/outbox.ts';
import type { Store } from '../../store/store.ts';
import { fileOf, type Library, Runbooks } from '../runbooks.ts';
import { placeOfFolder } from './checkout.ts';
import { type FollowerParts, GitFollower, type HeldCommit, short } from './follower.ts';

export interface RunbookSource {
  runbooks: Runbooks;
  /** Undefined where no branch is followed. */
  follower: GitFollower | undefined;
  stop(): Promise<void>;
}

interface Around {
  configurationPath: string;
  dataFolder: string;
  /** Where runbooks stand without a branch. */
  folder: string;
  store: Store;
  log: (line: string) => void;
  changed: () => void;
}

/** Resolves with runbooks that can be used; without a known commit and without its repository there are none yet. */
export async function startRunbooks(around: Around): Promise<RunbookSource> {
  const { configurationPath: configuration, store, log, changed } = around;
  const atStart = await readConfiguration(configuration);
  const known: Known = { configuration: () => known.library?.().configuration ?? atStart };
  const follower = atStart.git && followerOf(around, known);
  const runbooks = new Runbooks({
    place: async () => (follower ? follower.lastGood() : placeOfFolder(around.folder, configuration)),
    configuration,
    store,
    log,
    changed,
  });
  await runbooks.start();
  known.library = () => runbooks.current();
  known.attempt = (place) => runbooks.attempt(place);
  await follower?.start();
  return {
    runbooks,
    follower,
    stop: async () => {
      runbooks.stop();
      await follower?.stop();
    },
  };
}

/** What a follower works with. The runbooks come once it has said where they stand. */
interface Known extends Partial<Pick<FollowerParts, 'attempt'>> {
  configuration(): Configuration;
  library?: () => Library;
}

function followerOf({ configurationPath, dataFolder, store, log }: Around, known: Known): GitFollower {
  return new GitFollower({
    folder: resolve(join(dataFolder, 'git')),
    configuration: configurationPath,
    settings: () => known.configuration().git,
    secret: (name) => secretsOf(known.configuration(), configurationPath).get(name),
    attempt: async (place) => (await known.attempt?.(place)) ?? ['The runbooks are not loaded yet.'],
    tell: async (held) => {
      if (known.library) await tellHeld(held, known.library(), store.outbox);
    },
    log,
  });
}

/** Once for each commit, whichever gateway is the first to find it. */
async function tellHeld(held: HeldCommit, library: Library, outbox: Pick<Outbox, 'put'>): Promise<void> {
  const to = concerned(held, library);
  if (to.length === 0) return;
  const { git } = library.configuration;
  const kept = library.commit ? `${short({ id: library.commit })} stays in use` : 'no commit is in use';
  await outbox.put({
    id: `git.${held.id}.held`,
    to,
    subject: `Held back: the runbooks of ${short(held)} (${held.subject})`,
    text: [
      `${held.author} committed ${short(held)} to ${git?.branch}, and it cannot be used. Nothing has changed: ${kept}.`,
      '',
      ...held.problems,
      '',
      'Check it before it is pushed:  countersign validate',
    ].join('\n'),
  });
}

/** Those whom the configuration names; else the owners of the runbooks that have errors, else those who are asked last. */
function concerned({ problems }: HeldCommit, { configuration, plans }: Library): string[] {
  const { git, roles, approvals } = configuration;
  const files = new Set(problems.map((problem) => problem.split(':')[0]));
  const owners = [...plans.values()].filter((plan) => files.has(fileOf(plan))).map(({ owner }) => owner);
  const last = approvals.lastResort;
  for (const names of [git?.tell ?? owners, last === undefined ? [] : [last]]) {
    const people = peopleOf([...new Set(names)], roles);
    if (people.length > 0) return people;
  }
  return [];
}

function peopleOf(names: string[], roles: Library['configuration']['roles']): string[] {
  const people = names.flatMap((name) => {
    try {
      return resolvePeople([name], roles);
    } catch {
      // Nobody is in that role.
      return [];
    }
  });
  return [...new Set(people)].filter((person) => person.includes('@'));
}
