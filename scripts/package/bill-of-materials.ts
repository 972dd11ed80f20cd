import type { Bundled } from './bundled.ts';

/** The app that is packaged. */
export type Product = {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
};

/**
 * What the package is made of, as CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/). Without a serial number and a time, both of which are optional
 * there, so that the same package has the same document.
 */
export function billOfMaterials(
  product: Product,
  packages: readonly Bundled[],
  direct: readonly string[],
  sha256: string,
) {
  const own = purlOf(product);
  const references = new Map(packages.map((each) => [each.place, purlOf(each)]));
  const refer = (places: readonly string[]) => places.flatMap((place) => references.get(place) ?? []).toSorted();
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': own,
        name: product.name,
        version: product.version,
        description: product.description,
        hashes: [{ alg: 'SHA-256', content: sha256 }],
        licenses: [{ license: { id: product.license } }],
        purl: own,
      },
    },
    components: packages.map(toComponent),
    dependencies: [
      { ref: own, dependsOn: refer(direct) },
      ...packages.map((each) => ({ ref: purlOf(each), dependsOn: refer(each.dependsOn) })),
    ],
  };
}

function toComponent(bundled: Bundled) {
  const { group, name } = split(bundled.name);
  return {
    type: 'library',
    'bom-ref': purlOf(bundled),
    ...(group !== undefined && { group }),
    name,
    version: bundled.version,
    scope: 'required',
    hashes: [{ alg: 'SHA-512', content: Buffer.from(bundled.sha512, 'base64').toString('hex') }],
    licenses: [{ license: { id: bundled.licence } }],
    purl: purlOf(bundled),
  };
}

/** https://github.com/package-url/purl-spec: the @ of a scope is encoded, the one before the version is not. */
function purlOf({ name, version }: { name: string; version: string }): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function split(full: string): { group: string | undefined; name: string } {
  const [, group, name = full] = /^(@[^/]+)\/(.+)$/.exec(full) ?? [];
  return { group, name };
}
