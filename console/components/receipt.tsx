/** After a change by hand: whether it is in force, or waits for those who signed what it was. */
import type { CommandReceipt } from '../api/types.ts';
import { enumerated, fieldWords } from '../lib/words.ts';
import { Dialog } from './dialog.tsx';

interface ReceiptProps {
  receipt: CommandReceipt;
  /** What was decided about, where it is not a list of inputs. */
  what?: string;
  onClose: () => void;
}

/** Whether there is anything to be said beyond what the page itself shows. */
export function isProposed({ proposed = [] }: CommandReceipt): boolean {
  return proposed.length > 0;
}

export function Receipt({
  receipt: { applied = [], proposed = [], signers = [] },
  what,
  onClose,
}: ReceiptProps) {
  const words = (names: string[]) => what ?? enumerated(names.map(fieldWords));
  return (
    <Dialog title="This waits for those who signed" onClose={onClose}>
      <p>
        Proposed: {words(proposed)}. It is not in force before it is signed by{' '}
        {signers.length > 0 ? enumerated(signers, 'or') : 'those who signed what it was'}. Refused or not
        answered in time, it falls, and what was signed stays.
      </p>
      {applied.length > 0 && <p>In force from now on: {words(applied)}.</p>}
      <div className="buttons">
        <button type="button" className="primary" onClick={onClose}>
          I see
        </button>
      </div>
    </Dialog>
  );
}
