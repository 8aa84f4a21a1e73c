import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KeptConnectors } from './compile-cache.ts';
import { connectorSources, type DiskSource } from './folders.ts';
import { connectorPaths, repositoryConnectors } from './repository.ts';
import { productFolder } from './shipped.ts';

const fixtures = join(productFolder(), 'test/fixtures/connectors/lockers');
let repository: string;
let cache: { folder: string; build: string };
beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'kept-'));
  cache = { folder: join(repository, 'cache', 'connectors'), build: 'build 1' };
  cpSync(fixtures, lockers(), { recursive: true });
});
afterEach(() => rmSync(repository, { recursive: true }));

const lockers = (...more: string[]) => join(repository, 'connectors', 'lockers', ...more);
const compiled = (with_ = cache) =>
  repositoryConnectors(join(repository, 'countersign.yaml'), new Map(), with_);
/** The actions have a file of their own, which is the first by name. */
const entries = () =>
  readdirSync(cache.folder)
    .sort()
    .map((name) => join(cache.folder, name));
const notAgain = () => {
  throw new Error('it is compiled');
};
/** What would be taken without compiling. */
const kept = (with_ = cache) => {
  const folder = join(repository, 'connectors');
  const found = new KeptConnectors(with_, folder, connectorSources(folder)).read(notAgain);
  return found?.changed.length === 0 ? found.connectors : undefined;
};

describe('What the connectors of a repository compiled to', () => {
  it('is taken while every text is as it was, and is what compiling gives', () => {
    const { connectors } = compiled();
    expect(connectors[0]?.actions.length).toBeGreaterThan(3);
    expect(JSON.parse(JSON.stringify(kept()))).toEqual(JSON.parse(JSON.stringify(connectors)));
    const again = compiled();
    expect(JSON.parse(JSON.stringify(again.connectors))).toEqual(JSON.parse(JSON.stringify(connectors)));
    expect([...again.catalogue.keys()]).toEqual(
      connectors.flatMap(({ descriptions }) => descriptions.map(({ name }) => name)),
    );
  });

  it.each([
    ['an action', () => appendFileSync(lockers('assign.action.yaml'), '# more\n')],
    ['connector.yaml', () => appendFileSync(lockers('connector.yaml'), '# more\n')],
    ['the contract', () => appendFileSync(lockers('lockers.openapi.json'), '\n')],
    ['the set of actions', () => rmSync(lockers('release.action.yaml'))],
  ])('is computed anew when %s has changed', (_what, change) => {
    compiled();
    expect(kept()).toBeDefined();
    change();
    expect(kept()).toBeUndefined();
    compiled();
    expect(entries()).toHaveLength(2);
  });

  /** As a file is that nobody has changed for a while. */
  const settle = () => {
    for (const name of readdirSync(lockers())) utimesSync(lockers(name), 1, 1);
    return new Promise((resolve) => setTimeout(resolve, 2_700));
  };

  it('is known by when its files changed, and by their texts where another file has come in the place of one', async () => {
    await settle();
    compiled();
    const folder = join(repository, 'connectors');
    const read: string[] = [];
    const watched = connectorSources(folder).map((source) => ({
      ...source,
      files: source.files.map(({ file, path }) => ({
        file,
        path,
        get text() {
          read.push(path);
          return '';
        },
      })),
      read: (file: string) => void read.push(file),
    }));
    expect(
      new KeptConnectors(cache, folder, watched as unknown as DiskSource[]).read(notAgain)?.changed,
    ).toEqual([]);
    expect(read).toEqual([]);
    // Of the same length, and of the same time as far as anybody can set it.
    const action = lockers('assign.action.yaml');
    const text = readFileSync(action, 'utf8');
    writeFileSync(action, text.replace('Gives a locker', 'Lends a locker'));
    utimesSync(action, 1, 1);
    expect(readFileSync(action, 'utf8')).toHaveLength(text.length);
    expect(kept()).toBeUndefined();
    writeFileSync(action, text);
    utimesSync(action, 1, 1);
    expect(kept()).toBeDefined();
    cpSync(action, `${action}.new`);
    renameSync(`${action}.new`, action);
    expect(kept()).toBeDefined();
  }, 20_000);

  it('is not known by when its files changed while that is too short ago to be told apart', () => {
    compiled();
    const [, entry = ''] = entries();
    const head = readFileSync(entry, 'utf8').split('\n')[0] ?? '';
    const [, , , [of]] = JSON.parse(head) as [
      string,
      string,
      string,
      [string, string, string[], unknown[][]][],
    ];
    const seen = of?.[3] ?? [];
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.map(([, , stamp]) => stamp)).toEqual(seen.map(() => null));
    writeFileSync(
      lockers('release.action.yaml'),
      `${readFileSync(lockers('release.action.yaml'), 'utf8')}\n`,
    );
    expect(kept()).toBeUndefined();
  });

  it('is computed anew by another build', () => {
    compiled();
    expect(kept({ ...cache, build: 'build 2' })).toBeUndefined();
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, -40)],
    ['emptied', () => ''],
    ['altered', (text: string) => text.replace('"effect":"write"', '"effect":"read"')],
    ['of another form', () => '[1]\n{}'],
  ])('is computed anew when the entry was %s, without a word', (_how, damaged) => {
    const { connectors } = compiled();
    for (const path of entries()) writeFileSync(path, damaged(readFileSync(path, 'utf8')));
    expect(kept()).toBeUndefined();
    expect(compiled().connectors).toEqual(connectors);
    expect(kept()).toBeDefined();
  });

  it('is compiled for its actions where only their file was damaged', () => {
    const { connectors } = compiled();
    const [actions = ''] = entries();
    writeFileSync(actions, readFileSync(actions, 'utf8').replace('"effect":"write"', '"effect":"read"'));
    expect(kept()).toBeDefined();
    expect(compiled().connectors[0]?.actions).toEqual(connectors[0]?.actions);
  });

  it('is not kept when there is something to say about it', () => {
    appendFileSync(lockers('assign.action.yaml'), 'nonsense: true\n');
    expect(compiled().diagnostics).toHaveLength(1);
    expect(compiled().diagnostics).toHaveLength(1);
    expect(kept()).toBeUndefined();
  });

  describe('with several connectors', () => {
    const other = (name: string, more = '') => {
      const folder = join(repository, 'connectors', name);
      mkdirSync(folder, { recursive: true });
      const service = `connector: ${name}\ntitle: ${name}\nsettings: { address: { type: string } }\n`;
      writeFileSync(
        join(folder, 'connector.yaml'),
        `${service}http: { base: "\${{ settings.address }}", signIn: none }\ncontract: { facts: Invented, trust: None }\n${more}`,
      );
      return (file: string, text: string) => writeFileSync(join(folder, `${file}.action.yaml`), text);
    };
    const lamps = (more = '') => {
      const put = other('lamps');
      const action = (name: string, method: string, rest: string) =>
        put(
          name,
          `action: lamps.${name}\ntitle: Switch a lamp\neffect: write\ninput: { lamp: { type: string } }\nchange: { ${method}: "/lamps/\${{ input.lamp }}" }\n${rest}`,
        );
      action(
        'on',
        'put',
        `give: { did: changed }\nundo: { uses: bulbs.off, if: output.changed, with: { bulb: "\${{ input.lamp }}" } }\n${more}`,
      );
    };
    const bulbs = (input = 'bulb') =>
      other('bulbs')(
        'off',
        `action: bulbs.off\ntitle: Switch a bulb off\neffect: write\ninput: { ${input}: { type: string } }\nchange: { put: "/bulbs/\${{ input.${input} }}" }\n`,
      );
    const changedSince = () => {
      const folder = join(repository, 'connectors');
      return new KeptConnectors(cache, folder, connectorSources(folder))
        .read(notAgain)
        ?.changed.map(({ name }) => name);
    };
    /** As it is said of all at once, with nothing kept. */
    const anew = () => repositoryConnectors(join(repository, 'countersign.yaml'), new Map());
    const same = () => {
      const [now, whole] = [compiled(), anew()];
      expect(now.diagnostics).toEqual(whole.diagnostics);
      expect(JSON.parse(JSON.stringify(now.connectors))).toEqual(
        JSON.parse(JSON.stringify(whole.connectors)),
      );
      return now;
    };

    it('compiles the one that changed, and those that name an action of it', () => {
      bulbs();
      lamps();
      expect(same().diagnostics).toEqual([]);
      expect(changedSince()).toEqual([]);
      lamps('# more\n');
      expect(changedSince()).toEqual(['lamps']);
      expect(same().diagnostics).toEqual([]);
      bulbs('light');
      expect(changedSince()).toEqual(['bulbs', 'lamps']);
      expect(same().diagnostics).toHaveLength(2);
      rmSync(join(repository, 'connectors', 'bulbs'), { recursive: true });
      expect(same().diagnostics).toHaveLength(1);
    });

    it('tells what is wrong with one each time, and keeps the others', () => {
      bulbs();
      lamps('nonsense: true\n');
      expect(same().diagnostics).toHaveLength(1);
      expect(changedSince()).toEqual(['lamps']);
      expect(same().diagnostics).toHaveLength(1);
      lamps();
      expect(same().diagnostics).toEqual([]);
      expect(changedSince()).toEqual([]);
    });

    it('compiles one again whose action was found under a name that another folder had by mistake', () => {
      const tubes = join(repository, 'connectors', 'bulbs');
      const named = (name: string) => {
        for (const file of ['connector.yaml', 'off.action.yaml'])
          writeFileSync(
            join(tubes, file),
            readFileSync(join(tubes, file), 'utf8').replaceAll(/\b(bulbs|tubes)\b(?!\/)/g, name),
          );
      };
      bulbs();
      named('tubes');
      lamps();
      const file = join(repository, 'connectors/lamps/on.action.yaml');
      writeFileSync(file, readFileSync(file, 'utf8').replace('bulbs.off', 'tubes.off'));
      compiled();
      named('bulbs');
      expect(same().diagnostics).toHaveLength(1);
    });

    it('compiles all where two have an action of one name', () => {
      bulbs();
      compiled();
      other('lamps')('off', readFileSync(join(repository, 'connectors/bulbs/off.action.yaml'), 'utf8'));
      expect(same().diagnostics.length).toBeGreaterThan(0);
    });
  });

  it('is compiled where nothing can be kept', () => {
    writeFileSync(join(repository, 'cache'), 'a file where the folder would be');
    expect(compiled().connectors[0]?.name).toBe('lockers');
  });

  it('is for its user alone', () => {
    compiled();
    expect(entries().map((path) => statSync(path).mode & 0o077)).toEqual([0, 0]);
  });
});

it('A gateway looks at scripts and contracts of connectors too, to see whether something has changed', () => {
  writeFileSync(lockers('Get-Locker.ps1'), 'param()');
  const names = connectorPaths(join(repository, 'countersign.yaml')).map((path) => basename(path));
  expect(names).toEqual(
    expect.arrayContaining(['Get-Locker.ps1', 'lockers.openapi.json', 'assign.action.yaml']),
  );
});
