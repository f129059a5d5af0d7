import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { ROOT } from '../support/source-process.ts';

/** A file of this repository. */
export const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook: string };
}

/** The rules of deploy/prometheus/alerts.yml. */
export function alertRules(): AlertRule[] {
  const file = parse(textOf('deploy/prometheus/alerts.yml')) as { groups: { rules: AlertRule[] }[] };
  return file.groups.flatMap(({ rules }) => rules);
}

export interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

/** The panels of deploy/grafana/presently.json. */
export function dashboardPanels(): readonly Panel[] {
  return (JSON.parse(textOf('deploy/grafana/presently.json')) as { panels: Panel[] }).panels;
}

/** The objects in deploy/kubernetes, by kind and name, such as `Deployment/presently-ingest`. */
export function kubernetesObjects<Item extends { kind: string; metadata: { name: string } }>(): Map<string, Item> {
  const directory = 'deploy/kubernetes';
  const files = readdirSync(join(ROOT, directory)).map((file) => textOf(`${directory}/${file}`));
  const objects = files.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Item));
  return new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]));
}

/** The anchors of a document's headings, as GitHub makes them. */
export function anchorsOf(markdown: string): string[] {
  const headings = [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
