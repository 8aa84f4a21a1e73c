/** On which systems steps act: each by its name and the one address or tenant that tells it from another; the rest is folded. */
import { mainPartOf } from '../lib/story.ts';
import { fieldWords, systemWords } from '../lib/words.ts';
import { Facts } from './basics.tsx';

type Systems = Readonly<Record<string, Readonly<Record<string, string>>>>;

export function Systems({ systems }: { systems: Systems }) {
  const all = Object.entries(systems).map(([name, parts]) => ({ name: systemWords(name), parts }));
  if (all.length === 0) return null;
  return (
    <>
      <Facts
        facts={[
          {
            label: 'Acts on',
            value: all.map(({ name, parts }) => (
              <span key={name} className="row-about plain">
                {[name, mainPartOf(parts)].filter(Boolean).join(', ')}
              </span>
            )),
          },
        ]}
      />
      <details>
        <summary className="more">How {all.length === 1 ? 'it is' : 'they are'} reached</summary>
        {all.map(({ name, parts }) => (
          <div key={name}>
            <h3>{name}</h3>
            <Facts
              facts={Object.entries(parts).map(([part, value]) => ({
                label: part.split('.').map(fieldWords).join(', '),
                value,
              }))}
            />
          </div>
        ))}
      </details>
    </>
  );
}
