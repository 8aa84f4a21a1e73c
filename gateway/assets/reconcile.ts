/** The register beside a list of another system (Snipe-IT, ServiceNow, Intune, …): what only one of them has, and where they differ. */
import { readCells } from '../../compiler/expressions/collections.ts';
import { errorText } from '../../plan/error-text.ts';
import type { Reconciliation, RegisteredAsset } from '../../plan/register.ts';

const otherNames: Record<'serialNumber' | 'tag' | 'model' | 'assignedTo', readonly string[]> = {
  serialNumber: ['serialnumber', 'serial', 'serialno'],
  tag: ['tag', 'assettag'],
  model: ['model', 'modelname'],
  assignedTo: [
    'assignedto',
    'userprincipalname',
    'primaryuserupn',
    'primaryuseremailaddress',
    'checkedoutto',
    'assignedtoemail',
    'email',
    'user',
  ],
};

/** Found by serial number where both have one, else by tag. A text is why the file cannot be read. */
export function reconciled(text: string, assets: readonly RegisteredAsset[]): Reconciliation | string {
  const [first = ''] = text.split('\n', 1);
  let rows: ReturnType<typeof readCells>;
  try {
    rows = readCells(text, first.split(';').length > first.split(',').length ? ';' : ',');
  } catch (error) {
    return errorText(error);
  }
  const [head, ...body] = rows;
  const names = (head?.cells ?? []).map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, ''));
  const columns = (Object.keys(otherNames) as (keyof typeof otherNames)[]).flatMap((field) => {
    const index = otherNames[field].map((name) => names.indexOf(name)).find((at) => at >= 0);
    return index === undefined ? [] : [[field, index] as const];
  });
  if (!columns.some(([field]) => field === 'serialNumber' || field === 'tag'))
    return 'it has no column with a serial number or a tag. Name one of them "serialNumber" or "tag" in the first line';
  const byName = new Map<string, RegisteredAsset>();
  for (const asset of assets) {
    byName.set(`tag ${asset.tag.toLowerCase()}`, asset);
    if (asset.serialNumber) byName.set(`serial ${asset.serialNumber.toLowerCase()}`, asset);
  }
  const result: Reconciliation = {
    compared: columns.map(([field]) => field),
    onlyThere: [],
    onlyHere: [],
    differing: [],
    same: 0,
    unnamed: 0,
  };
  const seen = new Set<number>();
  for (const { cells } of body) {
    const row = Object.fromEntries(columns.map(([field, index]) => [field, (cells[index] ?? '').trim()]));
    const { serialNumber = '', tag = '' } = row;
    if (serialNumber === '' && tag === '') {
      result.unnamed++;
      continue;
    }
    const asset =
      byName.get(`serial ${serialNumber.toLowerCase()}`) ?? byName.get(`tag ${tag.toLowerCase()}`);
    if (!asset) {
      result.onlyThere.push(serialNumber || tag);
      continue;
    }
    seen.add(asset.id);
    const differing = columns.flatMap(([field]) => {
      const [here, there] = [asset[field] ?? '', row[field] ?? ''];
      return here.toLowerCase() === there.toLowerCase() ? [] : [{ tag: asset.tag, field, here, there }];
    });
    if (differing.length === 0) result.same++;
    result.differing.push(...differing);
  }
  result.onlyHere = assets.filter(({ id }) => !seen.has(id)).map(({ tag }) => tag);
  return result;
}
