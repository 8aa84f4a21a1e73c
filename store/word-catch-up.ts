/** Words of runs that an earlier version wrote, brought into today's form a page at a time. How far it has come is kept. */
import type { Query } from './database.ts';
import { addWords, weekIn } from './run-words.ts';

const what = 'words by week';

/** Of a run that has none yet, as its row and its journal tell them. */
type WordsOf = (id: string) => Promise<string[]>;

/** The next page, the newest first; 0 when none is left, and while somebody else is at it. */
export async function catchUpWords(query: Query, limit: number, wordsOf: WordsOf): Promise<number> {
  await query('insert into catch_up (what) values ($1) on conflict do nothing', [what]);
  const [at] = await query(
    `select started_at::text as moment, run_id from catch_up where what = $1 and done_at is null for update skip locked`,
    [what],
  );
  if (!at) return 0;
  const page = await query(
    `select id, started_at::text as moment from runs where ${at.run_id === null ? '$1::text is null and $2::text is null' : '(started_at, id) < ($1::timestamptz, $2::text)'}
     order by started_at desc, id desc limit $3`,
    [at.moment, at.run_id, limit],
  );
  const last = page.at(-1);
  if (!last) {
    await query('update catch_up set done_at = now() where what = $1', [what]);
    return 0;
  }
  const ids = page.map(({ id }) => String(id));
  await giveWeeks(query, ids);
  await gatherWords(query, ids, wordsOf);
  await query('update catch_up set started_at = $2::timestamptz, run_id = $3 where what = $1', [
    what,
    last.moment,
    last.id,
  ]);
  return page.length;
}

/** No word has a tilde: those that have one stand in their week already. */
async function giveWeeks(query: Query, ids: readonly string[]): Promise<void> {
  await query(
    `update run_words k set words = (
       select array_to_tsvector(array_agg(
         case when strpos(lexeme, '~') > 0 then lexeme else ${weekIn('r.started_at')} || '~' || lexeme end))
       from unnest(k.words))
     from runs r where r.id = k.run_id and r.id = any($1) and k.run_id = any($1) and length(k.words) > 0`,
    [ids],
  );
}

async function gatherWords(query: Query, ids: readonly string[], wordsOf: WordsOf): Promise<void> {
  const without = await query(
    'select id from unnest($1::text[]) id where not exists (select 1 from run_words w where w.run_id = id)',
    [ids],
  );
  for (const { id } of without) await addWords(query, String(id), await wordsOf(String(id)));
}
