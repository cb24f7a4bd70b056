//! Route files of any length, as people write them: imports, schemas, small helpers, queries, handlers.

use std::fmt::Write as _;

/// Names of things a shop has, for names that differ.
const NOUNS: &[&str] = &[
    "Order",
    "Invoice",
    "Customer",
    "Product",
    "Shipment",
    "Refund",
    "Cart",
    "Voucher",
    "Address",
    "Review",
    "Supplier",
    "Warehouse",
    "Payment",
    "Session",
    "Ticket",
    "Comment",
];

/// A Next.js route file of about `lines` lines: helpers that load, check and map records, and at the end
/// the handlers that call them.
pub fn next_route(lines: usize) -> String {
    let mut out = String::from(
        "import { NextRequest, NextResponse } from 'next/server';\nimport { z } from 'zod';\nimport { PrismaClient } from '@prisma/client';\nimport { withAuth } from '@/lib/auth';\nimport { logger } from '@/lib/logger';\n\nconst prisma = new PrismaClient();\n\n",
    );
    let mut made = Vec::new();
    fill(&mut out, lines.saturating_sub(60), |out| made.push(resource(out, made.len())));
    let list = made.last().cloned().unwrap_or_else(|| resource(&mut out, 0));
    let _ = write!(
        out,
        r"export const GET = withAuth(async (request: NextRequest) => {{
  const {{ searchParams }} = new URL(request.url);
  const take = Number(searchParams.get('take') ?? '20');
  const rows = await list{list}s(take, searchParams.get('after'));
  return NextResponse.json({{ rows: rows.map(to{list}View) }});
}});

export const POST = withAuth(async (request: NextRequest) => {{
  const parsed = {list}Schema.safeParse(await request.json());
  if (!parsed.success) {{
    return NextResponse.json({{ error: parsed.error.flatten() }}, {{ status: 400 }});
  }}
  const row = await save{list}(parsed.data);
  return NextResponse.json(to{list}View(row), {{ status: 201 }});
}});

export async function DELETE(request: NextRequest, {{ params }}: {{ params: Promise<{{ id: string }}> }}) {{
  const {{ id }} = await params;
  const client = new PrismaClient();
  try {{
    await client.{lower}.delete({{ where: {{ id }} }});
  }} catch (error) {{
    logger.error('delete failed', error);
    return NextResponse.json({{ error: 'not found' }}, {{ status: 404 }});
  }}
  return new NextResponse(null, {{ status: 204 }});
}}
",
        lower = list.to_lowercase()
    );
    out
}

/// An Express server of about `lines` lines: routers, middleware, handlers.
pub fn express_server(lines: usize) -> String {
    let mut out = String::from(
        "import express from 'express';\nimport { Pool } from 'pg';\nimport { requireUser } from './auth';\n\nconst app = express();\nconst pool = new Pool({ connectionString: process.env.DATABASE_URL });\napp.use(express.json());\n\n",
    );
    let mut number = 0;
    fill(&mut out, lines.saturating_sub(12), |out| {
        express_resource(out, number);
        number += 1;
    });
    out.push_str("app.use((error, req, res, next) => {\n  console.error(error);\n  res.status(500).json({ error: 'internal' });\n});\n\napp.listen(Number(process.env.PORT ?? 3000));\n");
    out
}

/// Adds to a text until it has so many lines.
fn fill(out: &mut String, lines: usize, mut add: impl FnMut(&mut String)) {
    let mut there = out.lines().count();
    while there < lines {
        let before = out.len();
        add(out);
        there += out[before..].lines().count();
    }
}

/// A module of helpers, for what routes import.
pub fn helper_module(number: usize) -> String {
    let mut out = String::from(
        "import { z } from 'zod';\nimport { prisma } from '@/lib/prisma';\nimport { logger } from '@/lib/logger';\n\n",
    );
    resource(&mut out, number);
    out
}

/// A name that no other number has.
pub fn name(number: usize) -> String {
    let noun = NOUNS[number % NOUNS.len()];
    if number < NOUNS.len() { noun.to_owned() } else { format!("{noun}{}", number / NOUNS.len()) }
}

fn resource(out: &mut String, number: usize) -> String {
    let name = name(number);
    let lower = name.to_lowercase();
    let _ = write!(
        out,
        r"// {name}s: read by the dashboard and by the nightly export.
export const {name}Schema = z.object({{
  id: z.string().uuid().optional(),
  title: z.string().min(1).max({max}),
  amount: z.number().int().nonnegative(),
  tags: z.array(z.string()).default([]),
  createdAt: z.coerce.date().optional(),
}});

type {name}Input = z.infer<typeof {name}Schema>;

async function list{name}s(take: number, after: string | null) {{
  const where = after ? {{ createdAt: {{ gt: new Date(after) }} }} : {{}};
  const rows = await prisma.{lower}.findMany({{ where, take: Math.min(take, 100), orderBy: {{ createdAt: 'desc' }} }});
  if (rows.length === 0) {{
    logger.info(`no {lower}s after ${{after ?? 'the start'}} – “empty”`);
  }}
  return rows;
}}

function to{name}View(row: {name}Input & {{ id?: string }}) {{
  const total = row.amount / 100;
  return {{
    id: row.id,
    title: row.title.trim(),
    total: total.toFixed(2),
    labels: row.tags.map((tag) => tag.toLowerCase()).filter((tag) => tag !== ''),
  }};
}}

async function save{name}(input: {name}Input) {{
  const existing = input.id ? await prisma.{lower}.findUnique({{ where: {{ id: input.id }} }}) : null;
  if (existing && existing.amount !== input.amount) {{
    for (const tag of input.tags) {{
      await prisma.audit.create({{ data: {{ kind: '{lower}', tag, before: existing.amount, after: input.amount }} }});
    }}
  }}
  switch (input.tags[0]) {{
    case 'draft':
      return prisma.{lower}.create({{ data: {{ ...input, state: 'draft' }} }});
    case 'paid': {{
      const response = await fetch(`https://payments.example.com/{lower}s/${{input.id}}`, {{ cache: 'no-store' }});
      if (!response.ok) throw new Error(`payment of ${{input.id}} is unknown`);
      return prisma.{lower}.create({{ data: {{ ...input, state: 'paid' }} }});
    }}
    default:
      return prisma.{lower}.create({{ data: input }});
  }}
}}

",
        max = 80 + number % 40
    );
    name
}

fn express_resource(out: &mut String, number: usize) {
    let name = name(number);
    let lower = name.to_lowercase();
    let _ = write!(
        out,
        r"const {lower}Router = express.Router();

{lower}Router.get('/', requireUser, async (req, res, next) => {{
  try {{
    const take = Math.min(Number(req.query.take ?? 20), 100);
    const {{ rows }} = await pool.query('select * from {lower}s order by created_at desc limit $1', [take]);
    res.json({{ rows }});
  }} catch (error) {{
    next(error);
  }}
}});

{lower}Router.post('/', requireUser, async (req, res, next) => {{
  const {{ title, amount, tags = [] }} = req.body;
  if (typeof title !== 'string' || !Number.isInteger(amount)) {{
    return res.status(400).json({{ error: 'title and amount are required' }});
  }}
  try {{
    const {{ rows: [row] }} = await pool.query('insert into {lower}s (title, amount, tags) values ($1, $2, $3) returning *', [title, amount, tags]);
    res.status(201).json(row);
  }} catch (error) {{
    next(error);
  }}
}});

app.use('/{lower}s', {lower}Router);

"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use routewise_analysis::path::FilePath;
    use routewise_analysis::syntax::{self, Grammar};

    #[test]
    fn generated_files_are_valid_and_about_as_long_as_asked() {
        for lines in [500, 2_000, 10_000] {
            for text in [next_route(lines), express_server(lines)] {
                let made = text.lines().count();
                assert!(made.abs_diff(lines) < 60, "{made} lines for {lines}");
                let grammar = Grammar::of(&FilePath::new("/route.ts"));
                let tree = syntax::parse(grammar, &text, None).unwrap();
                assert!(!tree.root_node().has_error());
            }
        }
    }
}
