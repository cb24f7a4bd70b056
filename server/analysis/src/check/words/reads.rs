//! Words about how much comes out of a store.

use crate::facts::{CallId, FunctionId, Shape};
use crate::project::{Resolver, Symbol, origin};
use crate::rules::{Condition, Word};

use super::super::{Evidence, Site};
use super::handlers::{is_response, tell};
use super::values::is_named;

pub(in crate::check) const WORDS: &[Word] = &[Word::of(
    "unbounded-list",
    0,
    unbounded,
    "`(#unbounded-list? @at)`: the call reads every row of a table, through an ORM or in SQL, in a handler of GET that answers with them; says in `{remedy}` how to read fewer",
)];

/// A way to read many rows.
struct Reading {
    /// Where the client of the store comes from, as the beginning of a module's name.
    from: &'static [&'static str],
    method: &'static str,
    /// Whether what is called, given what, leaves the number of rows to the table.
    is_wide: fn(&Read<'_>) -> bool,
    /// What may follow the call in a chain and leave the rows what they are; anything else may limit them.
    after: &'static [&'static str],
    /// How to read fewer.
    remedy: &'static str,
}

/// One call that reads.
struct Read<'s> {
    site: &'s Site<'s>,
    args: &'s [Shape],
    /// What the call hangs on: `db.select()` of `db.select().from(users)`.
    inner: Option<u32>,
    /// What was read of the client on the way, and the method: `user`, `findMany`.
    path: &'s [compact_str::CompactString],
}

const SQL: &[&str] = &["@neondatabase/serverless", "mysql", "mysql2", "pg"];

const READINGS: &[Reading] = &[
    Reading {
        from: &["@prisma/client"],
        method: "findMany",
        is_wide: |read| read.path.len() == 2 && options_are_wide(read, &["take", "cursor", "distinct"]),
        after: &[],
        remedy: "with `take`",
    },
    Reading {
        from: &["drizzle-orm/"],
        method: "findMany",
        is_wide: |read| {
            matches!(read.path, [query, _, _] if query == "query") && options_are_wide(read, &["limit"])
        },
        after: &[],
        remedy: "with `limit`",
    },
    Reading {
        from: &["drizzle-orm/"],
        method: "from",
        is_wide: |read| {
            let select = read.inner.map(|number| &read.site.chunk_facts().calls[number as usize]);
            select.is_some_and(|select| {
                select.callee.last() == Some("select") && select.args.first().is_none_or(is_columns)
            })
        },
        after: &["orderBy", "leftJoin", "innerJoin", "rightJoin", "fullJoin"],
        remedy: "with `.limit()`",
    },
    Reading {
        from: &["mongoose"],
        method: "find",
        is_wide: |read| {
            let (filter, options) = (read.args.first(), read.args.get(2));
            read.path.len() == 1 && options.is_none() && is_wide(filter)
        },
        after: &["sort", "select", "populate", "lean", "exec", "collation"],
        remedy: "with `.limit()`",
    },
    Reading { from: SQL, method: "query", is_wide: first_is_wide, after: &[], remedy: "with `LIMIT`" },
    Reading { from: SQL, method: "execute", is_wide: first_is_wide, after: &[], remedy: "with `LIMIT`" },
    Reading {
        from: &["better-sqlite3"],
        method: "all",
        is_wide: |read| {
            let prepared = read.inner.map(|number| &read.site.chunk_facts().calls[number as usize]);
            prepared.is_some_and(|prepare| {
                prepare.callee.last() == Some("prepare")
                    && read.args.is_empty()
                    && prepare.args.first().and_then(Shape::text).is_some_and(reads_all)
            })
        },
        after: &[],
        remedy: "with `LIMIT`",
    },
];

fn unbounded(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let Some(id) = site.call(condition) else { return false };
    let call = site.input.facts.call(id);
    let Some(function) = call.function.map(|number| FunctionId { chunk: id.chunk, number }) else {
        return false;
    };
    let root = (site.file, function);
    let links = site.project.links(site.file);
    let mut own =
        links.into_iter().flat_map(|links| &links.entries).filter(|it| it.roots.contains(&root)).peekable();
    let Some(first) = own.peek().copied() else { return false };
    if !own.all(|entry| entry.method.as_deref() == Some("GET")) {
        return false;
    }
    let Shape::Member(object, method) = &call.callee else { return false };
    let mut readings = READINGS.iter().filter(|it| it.method == method.as_str()).peekable();
    if readings.peek().is_none() {
        return false;
    }
    let mut resolver = Resolver::new(site.project);
    let Some(found) = origin(&mut resolver, site.file, site.chunk, &call.callee) else { return false };
    let inner = match &**object {
        Shape::Call(number) => Some(*number),
        _ => None,
    };
    let read = Read { site, args: &call.args, inner, path: &found.path };
    let Some(reading) = readings.find(|it| {
        let own = it.from.iter().any(|from| {
            let rest = found.specifier.strip_prefix(from);
            rest.is_some_and(|rest| rest.is_empty() || from.ends_with('/') || rest.starts_with('/'))
        });
        own && (it.is_wide)(&read)
    }) else {
        return false;
    };
    let Some(outer) = outermost(site, id, reading.after) else { return false };
    if !answered(site, outer, function.number) {
        return false;
    }
    evidence.set("remedy", reading.remedy);
    tell(evidence, site.file, first)
}

/// The whole chain that a call begins; `None` where something in it may limit the rows.
fn outermost(site: &Site<'_>, id: CallId, after: &[&str]) -> Option<CallId> {
    let chunk = site.chunk_facts();
    let mut number = id.number;
    loop {
        let next = chunk.calls.iter().position(|call| {
            matches!(&call.callee, Shape::Member(object, _) if matches!(**object, Shape::Call(inner) if inner == number))
        });
        let Some(next) = next else { return Some(CallId { chunk: id.chunk, number }) };
        let known = chunk.calls[next].callee.last().is_some_and(|name| after.contains(&name));
        number = known.then_some(next as u32)?;
    }
}

/// Whether the options of an ORM let every row through: none of the keys that limit, and a filter that the table decides.
fn options_are_wide(read: &Read<'_>, limits: &[&str]) -> bool {
    match read.args.first() {
        None => true,
        Some(options @ Shape::Object(entries)) => {
            !entries.iter().any(|(key, _)| key == "..." || limits.contains(&&**key))
                && is_wide(options.get("where"))
        }
        Some(_) => false,
    }
}

/// Whether a filter is none, or compares with what is written out only: the table decides how many rows fit.
fn is_wide(filter: Option<&Shape>) -> bool {
    match filter {
        None => true,
        Some(Shape::Object(entries)) => {
            entries.iter().all(|(_, value)| matches!(value, Shape::Bool(_) | Shape::Text(_) | Shape::Null))
        }
        Some(_) => false,
    }
}

/// `{ id: users.id, name: users.name }`: columns, and nothing that counts or sums.
fn is_columns(given: &Shape) -> bool {
    match given {
        Shape::Object(entries) => {
            entries.iter().all(|(_, value)| matches!(value, Shape::Member(..) | Shape::Name(_)))
        }
        _ => false,
    }
}

fn first_is_wide(read: &Read<'_>) -> bool {
    matches!(read.args, [Shape::Text(sql)] if reads_all(sql))
}

/// Words of SQL that limit the rows, sum them up or make others of them.
const NARROW: &[&str] = &[
    "WHERE",
    "LIMIT",
    "FETCH",
    "TOP",
    "DISTINCT",
    "GROUP",
    "HAVING",
    "UNION",
    "INTO",
    "WITH",
    "OFFSET",
    "TABLESAMPLE",
];

/// Whether an SQL text reads a whole table: `SELECT … FROM …` with an order at most.
fn reads_all(sql: &str) -> bool {
    let words: Vec<String> =
        sql.trim_end_matches([';', ' ', '\n']).split_whitespace().map(str::to_ascii_uppercase).collect();
    // A function, a second query, a value: any of them may.
    let narrow = |word: &String| NARROW.contains(&word.as_str()) || word.contains(['(', '$', '?', ':', ';']);
    // What the database says of itself is short.
    let own = |word: &String| word.starts_with("INFORMATION_SCHEMA") || word.starts_with("PG_");
    words.first().is_some_and(|first| first == "SELECT")
        && words.iter().any(|word| word == "FROM")
        && !words.iter().any(|word| narrow(word) || own(word))
}

/// Whether the rows that a call gives are what the handler answers with.
fn answered(site: &Site<'_>, id: CallId, function: u32) -> bool {
    let chunk = site.chunk_facts();
    let mut resolver = Resolver::new(site.project);
    let is_rows = |shape: &Shape| is_rows(site, shape, id.number);
    chunk.calls.iter().filter(|call| call.function == Some(function)).any(|call| {
        let given = match call.args.first() {
            Some(Shape::Object(entries)) => entries.iter().any(|(_, value)| is_rows(value)),
            Some(other) => is_rows(other),
            None => false,
        };
        given && {
            let symbol: Symbol = resolver.symbol(site.file, site.chunk, &call.callee);
            let web = ["next/server#NextResponse.json", "#Response.json"];
            web.iter().any(|name| is_named(&symbol, name))
                || matches!(&call.callee, Shape::Member(object, method)
                    if matches!(method.as_str(), "json" | "send") && is_response(site, object, &["express"]))
        }
    })
}

/// Whether an expression is what a call gives, waited for, or the rows in it: `result.rows`, `const [rows] = …`.
fn is_rows(site: &Site<'_>, shape: &Shape, call: u32) -> bool {
    match shape.awaited() {
        Shape::Call(number) => *number == call,
        Shape::Member(object, key) if matches!(key.as_str(), "rows" | "?") => is_rows(site, object, call),
        Shape::Name(name) => name.local.is_some_and(|local| {
            let value = &site.chunk_facts().decls[local as usize].value;
            !matches!(value, Shape::Name(_)) && is_rows(site, value, call)
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::reads_all;

    #[test]
    fn a_query_without_a_limit_is_told_from_one_with() {
        for sql in ["SELECT * FROM users", "select id, name\n  from users order by name;"] {
            assert!(reads_all(sql), "{sql}");
        }
        for sql in [
            "SELECT * FROM users LIMIT 10",
            "SELECT * FROM users WHERE id = 1",
            "SELECT count(*) FROM users",
            "SELECT DISTINCT kind FROM users",
            "SELECT * FROM (SELECT 1) AS one",
            "SELECT * FROM users LIMIT $1",
            "SELECT table_name FROM information_schema.tables",
            "SELECT 1",
            "UPDATE users SET name = 'a'",
        ] {
            assert!(!reads_all(sql), "{sql}");
        }
    }
}
