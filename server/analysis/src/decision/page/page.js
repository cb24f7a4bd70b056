'use strict';
(() => {
  const decision = JSON.parse(document.getElementById('decision').textContent);
  const SVG = 'http://www.w3.org/2000/svg';

  /** An element with attributes and children; text is only ever text. */
  const make = (space) => (name, given, ...children) => {
    const [tag, ...classes] = name.split('.');
    const element = space ? document.createElementNS(space, tag) : document.createElement(tag);
    if (classes.length > 0) element.setAttribute('class', classes.join(' '));
    for (const [key, value] of Object.entries(given ?? {})) {
      if (value === false || value === undefined || value === null) continue;
      if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
      else element.setAttribute(key, value === true ? '' : String(value));
    }
    element.append(...children.flat().filter((child) => child !== undefined && child !== null));
    return element;
  };
  const el = make('');
  const draw = make(SVG);

  const VERDICTS = {
    next: [['next', 'Next.js'], ['', ' routes']],
    express: [['express', 'Express']],
    both: [['next', 'Next.js'], ['', ' and '], ['express', 'Express']],
  };
  const FITS = { fits: 'Fits', 'fits-with-changes': 'Wants changes', persistent: 'Persistent' };
  const NEEDS = {
    websockets: 'WebSockets or streams without an end', longRunningJobs: 'Long-running jobs',
    multipleClients: 'Several clients', separateTeams: 'Separate teams', simpleFullStack: 'Simple full-stack app',
    deploySimplicity: 'Simple deployment', singleDeveloper: 'A single developer',
  };
  const WEIGHTS = {
    required: 'takes a persistent process', preferred: 'speaks for a service of its own',
    neutral: 'speaks for Next.js',
  };
  /** Effects that have a picture: what it is called, and its lines in a square of 16. */
  const ICONS = {
    'accepts-websockets': ['accepts WebSockets', 'M2 5h10M9 2l3 3-3 3M14 11H4M7 8l-3 3 3 3'],
    'streams-endlessly': ['streams without an end', 'M1 5c2-3 4-3 7 0s5 3 7 0M1 11c2-3 4-3 7 0s5 3 7 0'],
    'takes-long': ['takes long', 'M8 2a6 6 0 1 0 .01 0M8 5v3l2.5 2'],
    'waits': ['waits', 'M4 2h8M4 14h8M5 2c0 4 6 4 6 6s-6 2-6 6M11 2c0 4-6 4-6 6s6 2 6 6'],
    'burns-cpu': ['computes while others wait', 'M4 4h8v8H4zM6 1v3M10 1v3M6 12v3M10 12v3M1 6h3M1 10h3M12 6h3M12 10h3'],
    'spawns-process': ['starts another program', 'M2 3h12v10H2zM4.500 6l2 2-2 2M8.500 10h3'],
    'writes-files': ['writes files', 'M4 1.500h5l3.500 3.500v9.500H4zM9 1.500V5h3.500M6 9h4M6 11.500h4'],
    'keeps-memory': ['keeps memory between requests', 'M8 2l6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3'],
    'schedules-work': ['schedules work', 'M2 3.500h12v10H2zM2 6.500h12M5 1.500v3M11 1.500v3M8 9v2h2'],
    'works-after-response': ['works on after the response', 'M2 8h8M7 5l3 3-3 3M13 3v10'],
    'listens-on-port': ['listens on a port', 'M8 8v6M5 14h6M5 10a4 4 0 1 1 6 0M3 12a7 7 0 1 1 10 0'],
    'opens-connections': ['opens connections', 'M3 4c0-2.500 10-2.500 10 0s-10 2.500-10 0v8c0 2.500 10 2.500 10 0V4M3 8c0 2.500 10 2.500 10 0'],
    'mutates-store': ['changes what is stored', 'M3 13l1-3.500L11.500 2l2.500 2.500L6.500 12zM10 3.500L12.500 6'],
    'reads-unbounded': ['reads without a limit', 'M5 5.500a2.500 2.500 0 1 0 0 5c2.500 0 3.500-5 6-5a2.500 2.500 0 1 1 0 5c-2.500 0-3.500-5-6-5'],
    'checks-auth': ['checks who asks', 'M8 1.500l5.500 2v4c0 3.500-2.500 5.500-5.500 7-3-1.500-5.500-3.500-5.500-7v-4zM5.500 8l2 2 3-4'],
    'validates-input': ['checks its input', 'M2.500 2.500h11v11h-11zM5 8l2 2 4-4'],
    'limits-rate': ['limits how often it is asked', 'M2 12a6 6 0 1 1 12 0M8 12l3-4'],
  };
  const ORDER = Object.keys(ICONS);
  const icons = (effects) => ORDER.filter((effect) => effects.includes(effect));

  /** A link to a place of the project, as the reader of the page can follow it. */
  const link = (path, range, text) => {
    const line = range?.start.line;
    const shown = text ?? (line ? `${path}:${line}` : path);
    const href = path.split('/').map(encodeURIComponent).join('/') + (line ? `#L${line}` : '');
    return el('a.mono', { href, 'data-path': path, 'data-line': line, 'data-column': range?.start.column }, shown);
  };
  const seen = (all) =>
    el('ul.seen', {}, all.map((it) => el('li', {}, it.path ? link(it.path, it.range) : '', it.path ? ` ${it.text}` : it.text)));
  /** Text in which code stands between backticks. */
  const prose = (text) => text.split('`').map((part, at) => (at % 2 === 1 ? el('code', {}, part) : part));
  const methods = (route) => (route.methods.length > 0 ? route.methods.join(' ') : 'any');

  /** What is different since a commit. */
  const change = ({ commit, summary, routes }) => {
    const phrase = ({ before, after }) =>
      !after ? 'gone' : before ? `${FITS[before]} → ${FITS[after]}` : `new, ${FITS[after]}`;
    const row = (it) => el('li', {}, el('b.mono', {}, `${methods(it)} ${it.url}`), ` · ${phrase(it)}${it.why ? `: ${it.why}` : ''}`);
    return [
      el('p.lead', {}, 'Since ', el('code', {}, commit.slice(0, 10)), `: ${summary}`),
      ...(routes.length > 0 ? [el('ul.since', { 'aria-label': 'Routes that changed' }, routes.map(row))] : []),
    ];
  };

  const verdict = () => {
    const { target, hosts } = decision;
    const proof = target.evidence[0] ? ` (${target.evidence[0].text})` : '';
    const parts = [
      el('p.brand', {}, el('b', {}, decision.project ?? 'This project'), el('span', {}, `on ${target.name}${proof}`)),
      el('h1', {}, VERDICTS[decision.verdict].map(([kind, text]) => (kind ? el(`span.${kind}`, {}, text) : text))),
      el('p.lead', {}, decision.summary),
      decision.elsewhere && el('p.lead', {}, decision.elsewhere),
      ...(decision.since ? change(decision.since) : []),
    ];
    document.getElementById('verdict').append(...parts.filter(Boolean));
    if (hosts.length > 0 && hosts[0].of > 0) {
      const row = (host) => {
        const fill = el('i', {});
        fill.style.width = `${(100 * host.fits) / host.of}%`;
        return el('li', {}, host.name, el('span.bar', { 'aria-hidden': 'true' }, fill), el('span.count', {}, `${host.fits} of ${host.of} fit`));
      };
      document.getElementById('verdict').append(el('ul.hosts', { 'aria-label': 'How many fit on which host' }, hosts.map(row)));
    }
    document.title = `${decision.project ?? 'Routewise'}: ${VERDICTS[decision.verdict].map(([, text]) => text).join('')}`;
  };

  const checklist = () => {
    const row = ([name, title]) => {
      const need = decision.needs[name];
      const side = need.value === 'yes' ? (need.weight === 'neutral' ? 'yes-stay' : 'yes-move') : need.value;
      const mark = { yes: '✓', no: '–', unknown: '?' }[need.value];
      return el('li', {},
        el(`span.value.${side}`, { 'aria-hidden': 'true' }, mark),
        el('div', {}, el('h3', {}, title, el('span.sr', {}, `: ${need.value}`)), el('span.weight', {}, WEIGHTS[need.weight])),
        el('div', {}, el('p', {}, `${need.value[0].toUpperCase()}${need.value.slice(1)}: ${need.why}.`), seen(need.evidence)));
    };
    document.getElementById('checklist').append(el('ul.needs.card', {}, Object.entries(NEEDS).map(row)));
  };

  const reasons = () => {
    const column = (kind, title) => {
      const all = decision.reasons[kind];
      const list = all.length > 0
        ? el('ol', {}, all.map((it) => el('li', {}, it.text, seen(it.evidence.slice(0, 3)))))
        : el('p.none', {}, 'Nothing in the code.');
      return el(`div.card.${kind}`, {}, el('h3', {}, title), list);
    };
    document.getElementById('reasons').append(
      el('div.columns', {}, column('serverless', 'For routes of Next.js'), column('persistent', 'For a persistent process')));
  };

  /* ---- the drawing ---- */
  const picture = (effect, x, y, size = 14) =>
    draw('g', { transform: `translate(${x} ${y}) scale(${size / 16})` },
      draw('title', {}, ICONS[effect][0]), draw('path.icon', { d: ICONS[effect][1] }));
  const clip = (text, room) => (text.length > room ? `${text.slice(0, Math.max(1, room - 1))}…` : text);
  const RANK = { persistent: 0, 'fits-with-changes': 1, fits: 2 };

  /** What stands in the box of a side: its routes, the ones that matter most first, and what runs beside them. */
  const rowsOf = (side, most) => {
    const all = decision.routes
      .filter((route) => (route.framework === 'express' ? 'express' : 'next') === side)
      .map((route) => ({ text: `${methods(route)} ${route.url}`, fit: route.verdict, effects: icons(route.effects) }));
    const home = side === 'express' ? 'service' : 'next';
    for (const part of decision.parts.filter((it) => it.home === home)) {
      all.push({ text: part.text.split(':')[0], fit: part.fits ? 'fits' : 'persistent', effects: [] });
    }
    all.sort((a, b) => RANK[a.fit] - RANK[b.fit] || b.effects.length - a.effects.length);
    return { rows: all.slice(0, most), more: Math.max(0, all.length - most), count: all.length };
  };

  const drawing = (width) => {
    const narrow = width < 640;
    const [ROW, HEAD, GAP] = [26, 40, narrow ? 44 : 36];
    const side = narrow ? width - 2 : Math.round(width * 0.17);
    const wide = narrow ? width - 2 : width - 2 * side - 2 * 92;
    const x = narrow ? { clients: 1, servers: 1, stores: 1 } : { clients: 1, servers: side + 92, stores: width - side - 1 };
    const shapes = [];
    const wires = [];
    const box = (bx, by, w, h, kind = '') => shapes.push(draw('rect', { class: `box ${kind}`, x: bx, y: by, width: w, height: h, rx: 10 }));
    const write = (tx, ty, text, kind = '', size = 13, anchor = 'start') =>
      shapes.push(draw('text', { class: kind, x: tx, y: ty, 'font-size': size, 'text-anchor': anchor }, text));

    const next = rowsOf('next', narrow ? 8 : 11);
    const express = rowsOf('express', narrow ? 8 : 11);
    const moving = [...rowsOf('next', 99).rows].filter((it) => it.fit === 'persistent');
    const ghost = express.count === 0 && moving.length > 0;
    const server = (top, title, note, held, kind) => {
      const lines = held.rows.length + (held.more > 0 ? 1 : 0);
      const height = HEAD + Math.max(1, lines) * ROW + 12;
      box(x.servers, top, wide, height, kind);
      write(x.servers + 16, top + 26, title, 't', 15);
      write(x.servers + wide - 16, top + 26, clip(note, 34), 's', 12, 'end');
      shapes.push(draw('path', { class: 'box', d: `M${x.servers} ${top + HEAD}h${wide}` }));
      held.rows.forEach((row, at) => {
        const y = top + HEAD + at * ROW + 20;
        const pictures = row.effects.slice(0, narrow ? 4 : 6);
        shapes.push(draw('circle', { class: row.fit, cx: x.servers + 20, cy: y - 4, r: 4.5 }));
        const room = Math.floor((wide - 54 - pictures.length * 20) / 7.3);
        write(x.servers + 34, y, clip(row.text, room), 'm', 12);
        pictures.forEach((effect, number) =>
          shapes.push(picture(effect, x.servers + wide - 16 - (pictures.length - number) * 20 + 4, y - 11)));
      });
      if (held.more > 0) write(x.servers + 34, top + HEAD + held.rows.length * ROW + 20, `and ${held.more} more`, 's', 12);
      if (lines === 0) write(x.servers + 34, top + HEAD + 20, 'no routes', 's', 12);
      return { top, height, middle: top + height / 2, bottom: top + height };
    };

    const clients = decision.clients.slice(0, 6);
    const stores = decision.stores.slice(0, 6);
    const small = (list, left, top, each) => {
      const w = narrow ? wide : side;
      return list.map((it, at) => {
        const y = top + at * 62;
        box(left, y, w, 48);
        const [title, note] = each(it);
        write(left + 12, note ? y + 21 : y + 29, clip(title, Math.floor(w / 7.4)), 't', 13);
        if (note) write(left + 12, y + 38, clip(note, Math.floor(w / 6.2)), 's', 12);
        return { it, top: y, bottom: y + 48, middle: y + 24 };
      });
    };
    const clientText = (it) => [it.name, it.calls > 0 ? `${it.calls} ${it.calls === 1 ? 'request' : 'requests'}` : 'asks from outside'];
    const storeText = (it) => [it.name[0].toUpperCase() + it.name.slice(1), ''];

    let top = 2;
    let clientBoxes = [];
    if (narrow) {
      clientBoxes = small(clients, 1, top, clientText);
      top = clientBoxes.length > 0 ? clientBoxes.at(-1).bottom + GAP : top;
    }
    const boxes = {};
    const hasNext = next.count > 0 || decision.verdict !== 'express';
    if (hasNext) {
      boxes.next = server(top, 'Next.js', `on ${decision.target.name}`, next, 'stay');
      top = boxes.next.bottom + GAP + (ghost || express.count > 0 ? 18 : 0);
    }
    if (express.count > 0) {
      boxes.express = server(top, decision.routes.some((it) => it.framework === 'express') ? 'Express' : 'Process beside Next.js', 'a persistent process', express, 'move');
      top = boxes.express.bottom + GAP;
    } else if (ghost) {
      const rows = moving.slice(0, 6);
      boxes.express = server(top, 'Express, to be', 'a persistent process', { rows, more: moving.length - rows.length }, 'move ghost');
      top = boxes.express.bottom + GAP;
    }
    const middle = (top - GAP) / 2;
    if (!narrow) clientBoxes = small(clients, x.clients, Math.max(2, middle - (clients.length * 62 - 14) / 2), clientText);
    const storeBoxes = small(stores, x.stores, narrow ? top : Math.max(2, middle - (stores.length * 62 - 14) / 2), storeText);

    /* Wires: from the right edge of one to the left edge of the other; from bottom to top where it is narrow. */
    const wire = (from, to, kind = '') => {
      const [x1, y1, x2, y2] = from;
      const d = to === 'down'
        ? `M${x1} ${y1}C${x1} ${(y1 + y2) / 2} ${x2} ${(y1 + y2) / 2} ${x2} ${y2 - 6}`
        : `M${x1} ${y1}C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2 - 6} ${y2}`;
      wires.push(draw('path', { class: `wire ${kind}`, d, 'marker-end': `url(#tip${kind})` }));
    };
    const center = x.servers + wide / 2;
    const main = decision.project;
    if (narrow) {
      const first = boxes.next ?? boxes.express;
      if (clientBoxes.length > 0 && first) wire([center, clientBoxes.at(-1).bottom, center, first.top], 'down');
      const last = boxes.express ?? boxes.next;
      if (storeBoxes.length > 0 && last) wire([center, last.bottom, center, storeBoxes[0].top], 'down');
    } else {
      for (const held of clientBoxes) {
        const asks = held.it.asks.length > 0 ? held.it.asks : [boxes.next ? 'next' : 'express'];
        for (const kind of asks) {
          if (boxes[kind]) wire([x.clients + side, held.middle, x.servers, boxes[kind].middle], 'right');
        }
      }
      for (const held of storeBoxes) {
        for (const kind of held.it.users) {
          if (boxes[kind]) wire([x.servers + wide, boxes[kind].middle, x.stores, held.middle], 'right');
        }
      }
    }
    const calls = decision.clients.some((it) => it.asks.includes('express') && (it.name === main || it.name === 'Pages of this app'));
    if (boxes.next && boxes.express) {
      const label = ghost ? `${moving.length} ${moving.length === 1 ? 'moves' : 'move'}` : calls ? 'asks' : '';
      if (label) {
        wire([center, boxes.next.bottom, center, boxes.express.top], 'down', ghost ? 'move' : '');
        write(center + 12, (boxes.next.bottom + boxes.express.top) / 2 + 4, label, 's', 12);
      }
    }
    const ends = [top - GAP, ...clientBoxes.map((it) => it.bottom), ...storeBoxes.map((it) => it.bottom)];
    const height = Math.max(...ends) + 3;
    const tip = (name) => draw('marker', { id: `tip${name}`, viewBox: '0 0 8 8', refX: 2, refY: 4, markerWidth: 8, markerHeight: 8, orient: 'auto', markerUnits: 'userSpaceOnUse' },
      draw('path', { class: `tip ${name}`, d: 'M0 0l8 4-8 4z' }));
    const told = `${clients.map((it) => it.name).join(', ') || 'Nobody in this repository'} ask; Next.js serves ${next.count}, a persistent process ${express.count}` +
      `${ghost ? `, and ${moving.length} belong there` : ''}; data is kept by ${stores.map((it) => it.name).join(', ') || 'nothing that was seen'}.`;
    return draw('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': told }, draw('defs', {}, tip(''), tip('move')), wires, shapes);
  };

  const architecture = () => {
    const figure = el('figure', {});
    const used = ORDER.filter((effect) => decision.routes.some((route) => route.effects.includes(effect)));
    const dot = (kind) => draw('svg', { width: 12, height: 12, viewBox: '0 0 12 12', 'aria-hidden': 'true' }, draw('circle', { class: kind, cx: 6, cy: 6, r: 4.5 }));
    const pic = (effect) => draw('svg', { width: 15, height: 15, viewBox: '0 0 16 16', 'aria-hidden': 'true' }, draw('path.icon', { d: ICONS[effect][1] }));
    const legend = el('ul.legend', { 'aria-label': 'Signs' },
      Object.entries(FITS).map(([kind, text]) => el('li', {}, dot(kind), text.toLowerCase())),
      used.map((effect) => el('li', {}, pic(effect), ICONS[effect][0])));
    document.getElementById('drawing').append(figure, legend);
    let last = 0;
    const redraw = (width) => {
      const room = Math.round(Math.max(300, width));
      if (room === last) return;
      last = room;
      figure.replaceChildren(drawing(room));
    };
    redraw(figure.clientWidth || 1032);
    new ResizeObserver(() => redraw(figure.clientWidth)).observe(figure);
    addEventListener('beforeprint', () => redraw(900));
    addEventListener('afterprint', () => redraw(figure.clientWidth));
  };

  /* ---- the table ---- */
  const routes = () => {
    const all = [...decision.routes].sort((a, b) => RANK[a.verdict] - RANK[b.verdict]);
    const count = (kind) => all.filter((route) => route.verdict === kind).length;
    const section = document.getElementById('routes');
    const rows = all.map((route) => {
      const unmet = route.unmet.map((it) => el('li', {}, `${it.text[0].toUpperCase()}${it.text.slice(1)}.`, seen(it.evidence.slice(0, 3))));
      // What is lacking says the same of the same line.
      const line = (it) => `${it.path}:${it.range?.start.line}`;
      const lacking = new Set(route.unmet.flatMap((it) => it.evidence.map(line)));
      const left = route.findings.filter((it) => !lacking.has(line(it)));
      const found = left.map((it) => el('li', {}, prose(it.message), ' ', el('span.seen', {}, link(it.path, it.range), el('span.rule.mono', {}, it.rule))));
      const why = [...unmet, ...found];
      const list = why.length > 2
        ? [el('ul.why', {}, why[0]), el('details', {}, el('summary', {}, `${why.length - 1} more`), el('ul.why', {}, why.slice(1)))]
        : [el('ul.why', {}, why)];
      const effects = icons(route.effects);
      const signs = effects.length > 0
        ? el('ul.icons', { 'aria-label': 'Asks of its host' }, effects.map((effect) =>
          el('li', { title: ICONS[effect][0] }, draw('svg', { viewBox: '0 0 16 16', role: 'img', 'aria-label': ICONS[effect][0] }, draw('path.icon', { d: ICONS[effect][1] })))))
        : '';
      const row = el('tr', {},
        el('td.url', {}, el('span.methods.mono', {}, methods(route)), el('span.mono', {}, route.url), el('span.file', {}, link(route.path, route.range))),
        el('td.verdict', {}, el(`span.pill.${route.verdict}`, {}, FITS[route.verdict])),
        el('td', {}, why.length > 0 ? list : ''),
        el('td', {}, signs),
        el('td.callers', {}, route.callers > 0 ? String(route.callers) : ''));
      const words = [route.url, methods(route), route.path, FITS[route.verdict], ...route.effects, ...route.findings.map((it) => it.rule), ...route.unmet.map((it) => it.text)];
      return { row, kind: route.verdict, words: words.join(' ').toLowerCase() };
    });
    if (all.length === 0) {
      section.append(el('p.card.empty', {}, 'No route was found.'));
      return;
    }
    const input = el('input', { id: 'find', type: 'search', autocomplete: 'off', placeholder: 'POST /api, state, auth…' });
    const output = el('output', { for: 'find', 'aria-live': 'polite' });
    const none = el('p.empty', { hidden: true }, 'No route is like that.');
    let kind = '';
    const apply = () => {
      const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const it of rows) {
        const fits = (kind === '' || it.kind === kind) && wanted.every((word) => it.words.includes(word));
        it.row.hidden = !fits;
        if (fits) shown += 1;
      }
      none.hidden = shown > 0;
      output.textContent = shown === rows.length ? `${shown} routes` : `${shown} of ${rows.length} routes`;
    };
    const choices = [['', 'All'], ...Object.entries(FITS).filter(([key]) => count(key) > 0)];
    const buttons = choices.map(([key, text]) => el('button', {
      type: 'button', 'aria-pressed': key === '' ? 'true' : 'false',
      onclick: (event) => {
        kind = key;
        for (const button of buttons) button.setAttribute('aria-pressed', String(button === event.currentTarget));
        apply();
      },
    }, key === '' ? text : `${text} (${count(key)})`));
    input.addEventListener('input', apply);
    input.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') { input.value = ''; apply(); }
    });
    const head = ['Route', 'Verdict', 'Why', 'Asks for', 'Requests'].map((text) => el('th', { scope: 'col' }, text));
    section.append(
      el('div.filter', { role: 'search' }, el('label', { for: 'find' }, 'Find'), input, el('div', { role: 'group', 'aria-label': 'Verdict' }, buttons), output),
      el('div.card', {}, el('table', {}, el('thead', {}, el('tr', {}, head)), el('tbody', {}, rows.map((it) => it.row))), none));
    apply();
    const other = decision.parts.filter((it) => !it.fits);
    if (other.length > 0) {
      section.append(el('ul.why', {}, other.map((it) => el('li', {}, `Beside the routes: ${it.text}. `, link(it.evidence.path, it.evidence.range)))));
    }
  };

  const caveats = () => {
    const section = document.getElementById('caveats');
    if (decision.caveats.length === 0) { section.hidden = true; return; }
    section.append(el('ul.caveats.card', {}, decision.caveats.map((it) =>
      el('li', {}, `${it.text}.`, el('small', {}, `${it.date}, ${it.source}`)))));
  };

  verdict();
  checklist();
  reasons();
  architecture();
  routes();
  caveats();
  document.body.append(el('footer', {}, 'Made by Routewise from the code alone. What code cannot show is said in routewise.json.'));

  /* In an editor a link opens the file there. */
  if (typeof acquireVsCodeApi === 'function') {
    const editor = acquireVsCodeApi();
    document.addEventListener('click', (event) => {
      const target = event.target.closest('a[data-path]');
      if (!target) return;
      event.preventDefault();
      const { path, line, column } = target.dataset;
      editor.postMessage({ open: { path, line: Number(line ?? 1), column: Number(column ?? 1) } });
    });
  }
})();
