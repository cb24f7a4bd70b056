import assert from 'node:assert/strict';
import { test } from 'node:test';

import { methods, tree, worst, type Node, type Route } from '../src/routes/model';

function route(url: string, other: Partial<Route> = {}): Route {
  return {
    framework: 'next-app',
    package: 'file:///work/shop',
    url,
    methods: ['GET'],
    uri: 'file:///work/shop/a.ts',
    range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } },
    runtime: 'nodejs',
    middleware: [],
    verdict: null,
    fit: null,
    ...other,
  };
}

/** The tree as indented lines. */
function lines(nodes: readonly Node[], depth = 0): string[] {
  return nodes.flatMap((node) => {
    const text = node.kind === 'route' ? methods([node.route]) : node.label;
    const more = node.kind === 'url' && node.routes.length > 0 ? ` [${methods(node.routes)}]` : '';
    return [`${'  '.repeat(depth)}${text}${more}`, ...(node.kind === 'route' ? [] : lines(node.children, depth + 1))];
  });
}

test('routes stand by app and URL, and a part that adds nothing has no line', () => {
  const routes = [
    route('/'),
    route('/api/orders', { methods: ['GET', 'POST'] }),
    route('/api/orders/[id]'),
    route('/api/orders/[id]/items', { methods: [] }),
    route('/admin/users/list'),
    route('/health', { package: 'file:///work/api', framework: 'express' }),
  ];
  const target = { id: 'vercel', name: 'Vercel', evidence: ['vercel.json'] };
  const packages = [{ uri: 'file:///work/api', name: '@shop/api', path: 'apps/api', target }];
  assert.deepEqual(lines(tree({ packages, routes })), [
    'apps/api',
    '  /health [GET]',
    'shop',
    '  / [GET]',
    '  /admin/users/list [GET]',
    '  /api/orders [GET, POST]',
    '    /[id] [GET]',
    '      /items [any method]',
  ]);
});

test('routes with the same URL are listed one by one', () => {
  const routes = [route('/a', { framework: 'express' }), route('/a', { framework: 'express', methods: ['POST'] })];
  assert.deepEqual(lines(tree({ packages: [], routes })), ['shop', '  /a [GET, POST]', '    GET', '    POST']);
});

test('the worst verdict counts', () => {
  assert.equal(worst([route('/a'), route('/a', { verdict: 'hint' }), route('/a', { verdict: 'warning' })]), 'warning');
  assert.equal(worst([route('/a')]), null);
});
