/** The register: assets, contracts, vendors and orders, found by words that stand in the address. */
import { useEffect, useRef, useState } from 'react';
import type { RegisteredAsset, RegisteredContract, RegisteredOrder, Vendor } from '../../plan/register.ts';
import { get, messageOf } from '../api/client.ts';
import { Empty, Failed, Loading, PageTitle } from '../components/basics.tsx';
import { useLoaded } from '../components/loading.ts';
import { Link, navigate, pathOf, useAddress } from '../router.tsx';
import { AssetList, ContractList, OrderList, VendorList } from './register-lists.tsx';

export const registerKinds = ['assets', 'contracts', 'vendors', 'orders'] as const;
export type RegisterKind = (typeof registerKinds)[number];

interface Found {
  assets?: RegisteredAsset[];
  contracts?: RegisteredContract[];
  vendors?: Vendor[];
  orders?: RegisteredOrder[];
  next?: string;
}

const titles: Record<RegisterKind, string> = {
  assets: 'Assets',
  contracts: 'Contracts',
  vendors: 'Vendors',
  orders: 'Orders',
};

/** What each list can be narrowed to: the name of it in the address, and the words. The first is what one comes for. */
const choices: Record<RegisterKind, [value: string, words: string][]> = {
  assets: [
    ['', 'All'],
    ['warranty', 'Warranty ends within 90 days'],
    ['life', 'Life ends within 90 days'],
  ],
  contracts: [
    ['due', 'Notice due within 90 days'],
    ['', 'All of which no notice was given'],
    ['all', 'All'],
  ],
  vendors: [],
  orders: [
    ['open', 'Something has not come'],
    ['late', 'Late'],
    ['', 'All'],
  ],
};

const soonDays = 90;

function dayFromNow(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** What the gateway is asked for a list. */
export function askedOf(kind: RegisterKind, words: string, only: string): string {
  const query = new URLSearchParams({ limit: '100' });
  if (words) query.set('text', words);
  if (only === 'warranty') query.set('warrantyEndsBy', dayFromNow(soonDays));
  if (only === 'life') query.set('lifeEndsBy', dayFromNow(soonDays));
  if (kind === 'contracts' && only === 'due') query.set('noticeBy', dayFromNow(soonDays));
  if (kind === 'contracts' && only === 'all') query.set('withNoticeGiven', 'true');
  if (kind === 'orders' && only === 'open') query.set('status', 'open');
  if (kind === 'orders' && only === 'late') query.set('expectedBy', dayFromNow(-1));
  return `/${kind}?${query}`;
}

export function RegisterPage({ kind }: { kind: RegisterKind }) {
  const { query } = useAddress();
  const words = query.get('q') ?? '';
  const only = query.get('only') ?? '';
  const change = (name: 'q' | 'only', value: string) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value);
    else next.delete(name);
    navigate(`/register/${kind}${next.size > 0 ? `?${next}` : ''}`, { replace: true });
  };
  return (
    <div className="page">
      <PageTitle>{titles[kind]}</PageTitle>
      <h1>{titles[kind]}</h1>
      <nav className="tabs" aria-label="The register">
        {registerKinds.map((each) => (
          <Link key={each} to={pathOf.register(each)} aria-current={each === kind ? 'page' : undefined}>
            {titles[each]}
          </Link>
        ))}
      </nav>
      <form className="filters" aria-label="Filter" onSubmit={(event) => event.preventDefault()}>
        <Words value={words} onChange={(value) => change('q', value)} />
        {choices[kind].length > 0 && (
          <div className="field">
            <label htmlFor="only">Which</label>
            <select id="only" value={only} onChange={({ target }) => change('only', target.value)}>
              {choices[kind].map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          </div>
        )}
      </form>
      <FoundList key={`${kind} ${words} ${only}`} kind={kind} asks={askedOf(kind, words, only)} />
    </div>
  );
}

const looksForMs = 250;

/** Looked for while it is typed. */
function Words({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const element = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (element.current && document.activeElement !== element.current) element.current.value = value;
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <div className="field find">
      <label htmlFor="q">Find</label>
      <input
        ref={element}
        id="q"
        type="search"
        autoComplete="off"
        placeholder="Number, name, person …"
        defaultValue={value}
        onChange={({ target }) => {
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onChange(target.value.trim()), looksForMs);
        }}
      />
    </div>
  );
}

function FoundList({ kind, asks }: { kind: RegisterKind; asks: string }) {
  const { data, error, loading, reload } = useLoaded<Found>(asks);
  const [more, setMore] = useState<Found[]>([]);
  const [problem, setProblem] = useState<string>();
  if (loading) return <Loading what="the register" />;
  if (!data) return <Failed error={error} again={reload} />;
  const pages = [data, ...more];
  const next = pages.at(-1)?.next;
  const further = async () => {
    try {
      const page = await get<Found>(`${asks}&${new URLSearchParams({ after: next ?? '' })}`);
      setMore([...more, page]);
      setProblem(undefined);
    } catch (failure) {
      setProblem(messageOf(failure));
    }
  };
  if (pages.every((page) => (page[kind] ?? []).length === 0))
    return (
      <Empty title="The register has none such.">
        <p>
          Assets come by <code>countersign assets import FILE.csv</code>, contracts and orders by the steps of
          runbooks.
        </p>
      </Empty>
    );
  return (
    <>
      {kind === 'assets' && <AssetList assets={pages.flatMap((page) => page.assets ?? [])} />}
      {kind === 'contracts' && <ContractList contracts={pages.flatMap((page) => page.contracts ?? [])} />}
      {kind === 'vendors' && <VendorList vendors={pages.flatMap((page) => page.vendors ?? [])} />}
      {kind === 'orders' && <OrderList orders={pages.flatMap((page) => page.orders ?? [])} />}
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {next !== undefined && (
        <button type="button" className="small" onClick={further}>
          Show more
        </button>
      )}
    </>
  );
}
