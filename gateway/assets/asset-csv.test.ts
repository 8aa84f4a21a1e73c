import { describe, expect, it } from '@jest/globals';
import { readAssetFile } from './asset-csv.ts';

const problemsOf = (text: string, ignore?: string[]) => {
  const read = readAssetFile(text, ignore);
  return 'problems' in read ? read.problems : [];
};

describe('A file of assets', () => {
  it('is read with quotes, semicolons, a byte order mark and the names that Snipe-IT’s own export has', () => {
    const text =
      '\ufeffAsset Tag;Serial;Model;Status;Checked Out To;Purchase Cost;EOL Date;Notes\r\nEX-1;SN-1;"Screen 32"" wide";Lost;kim@example.com;1249.50;2027-01-31;"one; two"\r\nEX-2;;Dock;;;;;\r\n';
    expect(readAssetFile(text)).toEqual({
      columns: ['tag', 'serialNumber', 'model', 'status', 'assignedTo', 'lifeEnds', 'price', 'notes'],
      rows: [
        {
          tag: 'EX-1',
          serialNumber: 'SN-1',
          model: 'Screen 32" wide',
          status: 'Lost',
          assignedTo: 'kim@example.com',
          price: 1249.5,
          lifeEnds: '2027-01-31',
          notes: 'one; two',
        },
        { tag: 'EX-2', model: 'Dock', status: 'Ready to Deploy' },
      ],
    });
  });

  it('is refused for a column that the register does not know, by name, until that is left out', () => {
    const text = 'tag,model,Colour\nA-1,Dock,red\n';
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(
        /^Line 1: the register knows no column "Colour"\. Rename it to one of tag, .*--ignore "Colour"\.$/,
      ),
    ]);
    expect(problemsOf(text, ['colour'])).toEqual([]);
  });

  it('is refused for tags and serial numbers that stand in it twice, naming both lines', () => {
    const text = 'tag,serialNumber,model\nA-1,S1,Dock\nA-2,,Dock\na-1,s1,Dock\n';
    expect(problemsOf(text)).toEqual([
      'Line 4: the tag a-1 stands in line 2 already. Each asset has one of its own.',
      'Line 4: the serial number s1 stands in line 2 already. Each asset has one of its own; leave it empty where there is none.',
    ]);
  });

  it('is refused for each cell that says nothing certain, with its line and the way out', () => {
    const head = 'tag,model,warrantyEnds,price,assignedTo\n';
    expect(problemsOf(`${head}A-1,Dock,31.01.2027,"1.249,50",Kim\n,Dock,2027-02-30,,\nA-3,Dock\n`)).toEqual([
      'Line 2: warrantyEnds "31.01.2027" is no day as the register reads it. Write 2027-01-31.',
      'Line 2: price "1.249,50" is no amount. Write 1249.50, without currency.',
      'Line 2: assignedTo "Kim" is no e-mail address. Write the person’s address, by which runs know them.',
      'Line 3: warrantyEnds "2027-02-30" is no day as the register reads it. Write 2027-01-31.',
      'Line 3: tag is empty, which every asset needs. Fill it in, or leave the line out.',
      'Line 4: 2 cells, and the first line names 5 columns. Put quotes around what has a comma in it.',
    ]);
    expect(problemsOf('serial,name\nS1,x\n')).toHaveLength(2);
    expect(problemsOf('tag,model\n')).toEqual([expect.stringContaining('has no rows')]);
    expect(problemsOf('tag,model\n"A-1,Dock\n')).toEqual([expect.stringContaining('Quote Not Closed')]);
    const many = Array.from({ length: 40 }, () => 'A-1,Dock').join('\n');
    expect(problemsOf(`tag,model\n${many}\n`).at(-1)).toBe('There are 19 more.');
  });
});
