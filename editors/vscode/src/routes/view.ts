/** The Routes view in the side bar. */

import * as vscode from 'vscode';

import { icon } from './icons';
import { methods, tree, type AppNode, type Fit, type Node, type Route, type UrlNode } from './model';
import type { Routes } from './store';

/** The id of the view, as package.json has it. */
export const VIEW = 'routewise.routes';

/** Where a route belongs, in words. */
const PLACES: Readonly<Record<Fit['verdict'], string>> = {
  fits: 'Fits where it is',
  'fits-with-changes': 'Fits with changes',
  persistent: 'Belongs in a persistent process',
};

/** Makes the items of the view. */
export class RoutesView implements vscode.TreeDataProvider<Node> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly routes: Routes) {
    routes.onDidChange(() => this.changed.fire());
  }

  getChildren(node?: Node): Node[] {
    if (!node) return tree(this.routes.answer);
    return node.kind === 'route' ? [] : [...node.children];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if (node.kind === 'app') return ofApp(node);
    if (node.kind === 'url') return ofUrl(node);
    const item = ofRoutes([node.route], methods([node.route]));
    item.description = place(node.route);
    return item;
  }
}

/** The command that opens a route. */
export function open(route: Route): vscode.Command {
  const { start } = route.range;
  const position = new vscode.Position(start.line, start.character);
  return {
    command: 'vscode.open',
    title: 'Open',
    arguments: [vscode.Uri.parse(route.uri), { selection: new vscode.Range(position, position) }],
  };
}

/** Where a route stands, for people. */
export function place(route: Route): string {
  const file = vscode.workspace.asRelativePath(vscode.Uri.parse(route.uri));
  return `${file}:${route.range.start.line + 1}`;
}

function ofApp(node: AppNode): vscode.TreeItem {
  const item = new vscode.TreeItem(node.label, vscode.TreeItemCollapsibleState.Expanded);
  item.id = node.package?.uri ?? node.label;
  item.iconPath = new vscode.ThemeIcon('package');
  item.contextValue = 'app';
  const target = node.package?.target;
  if (target) {
    const host = target.id === 'unknown' ? 'host unknown' : (target.name ?? target.id);
    item.description = host;
    const tooltip = new vscode.MarkdownString();
    tooltip.appendMarkdown(`**${host}**\n\n`);
    if (target.evidence.length > 0) tooltip.appendText(`Known from ${target.evidence.join(', ')}`);
    item.tooltip = tooltip;
  }
  return item;
}

function ofUrl(node: UrlNode): vscode.TreeItem {
  const item = node.routes.length > 0 ? ofRoutes(node.routes, node.label) : new vscode.TreeItem(node.label);
  const moves = node.routes.some(({ fit }) => fit?.verdict === 'persistent');
  item.description = moves ? `${methods(node.routes)} · belongs in a process` : methods(node.routes);
  if (node.routes.length === 0) item.iconPath = new vscode.ThemeIcon('folder');
  if (node.children.length > 0) {
    item.collapsibleState = vscode.TreeItemCollapsibleState.Expanded;
    // Several routes: each is opened by itself.
    if (node.routes.length > 1) delete item.command;
  }
  return item;
}

function ofRoutes(routes: readonly Route[], label: string): vscode.TreeItem {
  const item = new vscode.TreeItem(label);
  item.iconPath = icon(routes);
  // What menus offer: in Next.js a route can be moved.
  item.contextValue = routes.some(({ framework }) => framework !== 'express') ? 'route.next' : 'route';
  item.tooltip = new vscode.MarkdownString(routes.map(told).join('\n\n---\n\n'));
  const [first] = routes;
  if (first) item.command = open(first);
  return item;
}

function told(route: Route): string {
  const lines = [`**${methods([route])}** \`${route.url}\``, place(route)];
  if (route.runtime === 'edge') lines.push('Runs in the edge runtime');
  if (route.middleware.length > 0) lines.push(`After ${route.middleware.map((name) => `\`${name}\``).join(', ')}`);
  if (route.fit) lines.push([PLACES[route.fit.verdict], ...(route.fit.why.length > 0 ? [route.fit.why.join('; ')] : [])].join(': '));
  if (route.verdict) lines.push(`Worst finding: ${route.verdict}`);
  return lines.join('  \n');
}
