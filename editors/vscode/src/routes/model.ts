/** Routes as the server tells of them, and the tree they are shown as. Knows nothing of VS Code. */

/** A place in a file, as the protocol has it. */
export interface Range {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

/** How bad the worst finding of a route is. */
export type Verdict = 'error' | 'warning' | 'information' | 'hint';

/** Where a route belongs, and what speaks against the place where it is. */
export interface Fit {
  readonly verdict: 'fits' | 'fits-with-changes' | 'persistent';
  readonly why: readonly string[];
}

/** A route. */
export interface Route {
  readonly framework: 'next-app' | 'next-pages' | 'express';
  /** The folder of its package. */
  readonly package: string | null;
  readonly url: string;
  /** Empty where the handler itself decides. */
  readonly methods: readonly string[];
  readonly uri: string;
  readonly range: Range;
  readonly runtime: string | null;
  readonly middleware: readonly string[];
  readonly verdict: Verdict | null;
  readonly fit: Fit | null;
}

/** A package that has routes. */
export interface Package {
  readonly uri: string;
  readonly name: string | null;
  /** Its folder below the one that is open; empty for that itself. */
  readonly path: string;
  readonly target: { readonly id: string; readonly name: string | null; readonly evidence: readonly string[] };
}

/** What the server answers. */
export interface RoutesAnswer {
  readonly packages: readonly Package[];
  readonly routes: readonly Route[];
}

/** An application with its URLs. */
export interface AppNode {
  readonly kind: 'app';
  readonly label: string;
  readonly package: Package | undefined;
  readonly count: number;
  readonly children: readonly UrlNode[];
}

/** A URL, or a part that several URLs have in common. */
export interface UrlNode {
  readonly kind: 'url';
  /** The URL up to here. */
  readonly url: string;
  /** What it adds to the one above. */
  readonly label: string;
  /** What is served at just this URL. */
  readonly routes: readonly Route[];
  readonly children: readonly (UrlNode | RouteNode)[];
}

/** One of several routes with the same URL. */
export interface RouteNode {
  readonly kind: 'route';
  readonly route: Route;
}

/** Something in the tree. */
export type Node = AppNode | UrlNode | RouteNode;

/** Methods for people. */
export function methods(routes: readonly Route[]): string {
  const all = new Set(routes.flatMap((route) => (route.methods.length > 0 ? route.methods : ['any method'])));
  return [...all].join(', ');
}

/** The worst verdict of some routes. */
export function worst(routes: readonly Route[]): Verdict | null {
  const order: readonly Verdict[] = ['error', 'warning', 'information', 'hint'];
  return order.find((verdict) => routes.some((route) => route.verdict === verdict)) ?? null;
}

/** The routes by app and URL. */
export function tree(answer: RoutesAnswer): AppNode[] {
  const byPackage = new Map<string | null, Route[]>();
  for (const route of answer.routes) {
    const list = byPackage.get(route.package);
    if (list) list.push(route);
    else byPackage.set(route.package, [route]);
  }
  const apps = [...byPackage].map(([uri, routes]): AppNode => {
    const found = answer.packages.find((candidate) => candidate.uri === uri);
    const folder = uri === null ? undefined : decodeURIComponent(uri).split('/').filter(Boolean).at(-1);
    return {
      kind: 'app',
      label: (found?.path || found?.name) ?? folder ?? 'No package',
      package: found,
      count: routes.length,
      children: urls(routes),
    };
  });
  return apps.sort((a, b) => a.label.localeCompare(b.label));
}

interface Building {
  readonly segments: Map<string, Building>;
  readonly routes: Route[];
}

function urls(routes: readonly Route[]): UrlNode[] {
  const top: Building = { segments: new Map(), routes: [] };
  for (const route of routes) {
    let at = top;
    for (const segment of route.url.split('/').filter(Boolean)) {
      let next = at.segments.get(segment);
      if (!next) {
        next = { segments: new Map(), routes: [] };
        at.segments.set(segment, next);
      }
      at = next;
    }
    at.routes.push(route);
  }
  const nodes = built(top, '');
  return top.routes.length > 0 ? [node(top.routes, '/', '/', []), ...nodes] : nodes;
}

function built(at: Building, above: string): UrlNode[] {
  return [...at.segments]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([segment, below]) => {
      let label = `/${segment}`;
      let current = below;
      // A part that leads to a single other one is not worth a line of its own.
      while (current.routes.length === 0 && current.segments.size === 1) {
        const [only] = current.segments;
        if (!only) break;
        label += `/${only[0]}`;
        current = only[1];
      }
      return node(current.routes, above + label, label, built(current, above + label));
    });
}

function node(routes: readonly Route[], url: string, label: string, below: readonly UrlNode[]): UrlNode {
  const several: RouteNode[] = routes.length > 1 ? routes.map((route) => ({ kind: 'route', route })) : [];
  return { kind: 'url', url, label, routes, children: [...several, ...below] };
}
