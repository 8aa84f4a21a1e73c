/** Line by line what is there and what would be. Its signs stay, for those who see no colours or hear it read. */
export function Difference({ text }: { text: string }) {
  return (
    <pre className="difference">
      {text.split('\n').map((line, at) => {
        const Line = line.startsWith('+') ? 'ins' : line.startsWith('-') ? 'del' : 'span';
        // biome-ignore lint/suspicious/noArrayIndexKey: lines never move.
        return <Line key={at}>{`${line}\n`}</Line>;
      })}
    </pre>
  );
}
