import { describe, expect, it } from '@jest/globals';
import { complaintAbout, corpusOf } from '../bench/fuzz/check.ts';
import { documentOf } from '../bench/fuzz/documents.ts';
import { packageRoot } from '../store/package-root.ts';
import { testCatalogue, testConfiguration } from './testing.ts';

describe('the compiler', () => {
  it('answers any document with a position inside it, and never fails (300 of bench/fuzz)', () => {
    const corpus = corpusOf(packageRoot());
    const complaints: string[] = [];
    for (let seed = 0; seed < 300; seed++) {
      const complaint = complaintAbout(documentOf(seed, corpus), testCatalogue, testConfiguration);
      if (complaint) complaints.push(`seed ${seed}: ${complaint}`);
    }
    expect(complaints).toEqual([]);
  });
});
