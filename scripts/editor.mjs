// Bundles the extension for Visual Studio Code and packs it: dist/editor/countersign-VERSION.vsix.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { root } from './root.mjs';
import { zip } from './zip.mjs';

const folder = join(root, 'editor');

/** Returns the path of the bundle. */
export async function bundleExtension(outdir = join(root, 'dist', 'editor')) {
  const { build } = await import('esbuild');
  const outfile = join(outdir, 'extension.cjs');
  await build({
    absWorkingDir: root,
    entryPoints: [join(folder, 'extension.ts')],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // The editor brings it.
    external: ['vscode'],
    minify: true,
    legalComments: 'eof',
    logLevel: 'warning',
  });
  return outfile;
}

/** The package's bytes. */
export function packExtension(bundle) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const shipped = [...manifest.contributes.grammars, ...manifest.contributes.snippets].map(
    ({ path }) => path,
  );
  const files = new Map([
    ['extension.vsixmanifest', Buffer.from(vsixManifest(manifest))],
    ['[Content_Types].xml', Buffer.from(contentTypes)],
    ['extension/package.json', readFileSync(join(folder, 'package.json'))],
    ['extension/README.md', readFileSync(join(folder, 'README.md'))],
    ['extension/LICENSE.txt', readFileSync(join(root, 'LICENSE'))],
    [`extension/${relative('.', manifest.main)}`, readFileSync(bundle)],
    ...shipped.map((path) => [`extension/${relative('.', path)}`, readFileSync(join(folder, path))]),
  ]);
  return zip(files);
}

const contentTypes = `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension=".vsixmanifest" ContentType="text/xml"/><Default Extension=".json" ContentType="application/json"/><Default Extension=".md" ContentType="text/markdown"/><Default Extension=".txt" ContentType="text/plain"/><Default Extension=".cjs" ContentType="application/node"/></Types>
`;

function vsixManifest({ name, publisher, version, displayName, description, categories, keywords, engines }) {
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011" xmlns:d="http://schemas.microsoft.com/developer/vsx-schema-design/2011">
  <Metadata>
    <Identity Language="en-US" Id="${xml(name)}" Version="${xml(version)}" Publisher="${xml(publisher)}"/>
    <DisplayName>${xml(displayName)}</DisplayName>
    <Description xml:space="preserve">${xml(description)}</Description>
    <Tags>${xml(keywords.join(','))}</Tags>
    <Categories>${xml(categories.join(','))}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="${xml(engines.vscode)}"/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionDependencies" Value=""/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionPack" Value=""/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="workspace"/>
      <Property Id="Microsoft.VisualStudio.Code.LocalizedLanguages" Value=""/>
      <Property Id="Microsoft.VisualStudio.Services.GitHubFlavoredMarkdown" Value="true"/>
    </Properties>
    <License>extension/LICENSE.txt</License>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/LICENSE.txt" Addressable="true"/>
  </Assets>
</PackageManifest>
`;
}

function xml(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureInstalled();
  const outdir = join(root, 'dist', 'editor');
  mkdirSync(outdir, { recursive: true });
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const target = join(outdir, `countersign-${version}.vsix`);
  writeFileSync(target, packExtension(await bundleExtension(outdir)));
  console.log(`Packed ${relative(root, target)}.`);
}
