//! The walls that a project runs into when it is on the wrong side, in the plainest code: each is named on the host
//! where it stands, by one rule and no other, and what is written in its place is left alone.

use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use routewise_analysis::finding::Severity;
use routewise_analysis::path::FilePath;
use routewise_analysis::rules::Catalogue;
use routewise_tests::check::Checked;
use routewise_tests::workspace::TestProject;

use super::ensure;

/// A project of a few files, and what is said of it as a warning or an error.
struct Wall {
    name: &'static str,
    target: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// File, rule, and the code that is underlined.
    says: &'static [(&'static str, &'static str, &'static str)],
}

const NEXT: (&str, &str) = (
    "package.json",
    r#"{ "dependencies": { "next": "16.4.6", "@prisma/client": "6.19.3", "next-auth": "4.24.13", "ws": "8.20.0" } }"#,
);
const EXPRESS: (&str, &str) = (
    "package.json",
    r#"{ "scripts": { "start": "node server.js" }, "dependencies": { "express": "5.2.1", "express-rate-limit": "8.3.2",
      "cors": "2.8.6", "helmet": "8.1.0", "ws": "8.20.0", "pg": "8.20.0" } }"#,
);
const EXPRESS_4: (&str, &str) = (
    "package.json",
    r#"{ "scripts": { "start": "node server.js" }, "dependencies": { "express": "4.22.1", "express-rate-limit": "8.3.2",
      "cors": "2.8.6", "helmet": "8.1.0", "pg": "8.20.0" } }"#,
);

const CLIENT_IN_ROUTE: &str = "import { PrismaClient } from '@prisma/client'

const prisma = new PrismaClient()

export async function GET() {
  const users = await prisma.user.findMany()
  return Response.json(users)
}
";
const SINGLETON: &str = "import { PrismaClient } from '@prisma/client'

const globalForPrisma = global as typeof globalThis & {
  prisma: PrismaClient
}

export const prisma =
  globalForPrisma.prisma ||
  new PrismaClient()

if (process.env.NODE_ENV !== 'production') {
  globalForPrisma.prisma = prisma
}
";
const SHARED_CLIENT: &str = "import { prisma } from '@/lib/prisma'

export async function GET() {
  const users = await prisma.user.findMany()
  return Response.json(users)
}
";
const BLOGS: &str = "import { prisma } from '@/lib/prisma'
import { getServerSession } from 'next-auth'

export async function GET(request) {
  const { searchParams } = new URL(request.url)
  const category = searchParams.get('category')
  const blogs = await prisma.blog.findMany({
    where: { category, published: true },
    orderBy: { createdAt: 'desc' },
    take: 10,
  })
  return Response.json(blogs)
}

export async function POST(request) {
  const session = await getServerSession()
  if (!session) {
    return Response.json({ error: 'Unauthorized' }, { status: 401 })
  }
  const body = await request.json()
  const blog = await prisma.blog.create({ data: body })
  return Response.json(blog, { status: 201 })
}
";
const SOCKETS_IN_ROUTE: &str = "import { WebSocketServer } from 'ws'

const wss = new WebSocketServer({ port: 8080 })

wss.on('connection', (ws) => {
  ws.on('message', (message) => {
    wss.clients.forEach((client) => client.send(message))
  })
})

export async function GET() {
  return Response.json({ clients: wss.clients.size })
}
";
const SOCKETS_BESIDE_EXPRESS: &str = "import express from 'express'
import { createServer } from 'http'
import { WebSocket, WebSocketServer } from 'ws'

const app = express()
const server = createServer(app)
const wss = new WebSocketServer({ server })

wss.on('connection', (ws) => {
  ws.on('message', (message) => {
    wss.clients.forEach((client) => {
      if (client.readyState === WebSocket.OPEN) {
        client.send(message.toString())
      }
    })
  })
})

server.listen(3001)
";
const MIDDLEWARE_AMONG_ROUTES: &str = "export function middleware(request) {
  console.log(request.url)
}
";
const EXPRESS_CHAIN: &str = "import express from 'express'
import cors from 'cors'
import rateLimit from 'express-rate-limit'
import helmet from 'helmet'
import { db } from './db.js'

const app = express()

app.use(helmet())

app.use(cors({
  origin: [
    'https://app.example.com',
    'https://admin.example.com',
    'http://localhost:3000'
  ]
}))

const limiter = rateLimit({
  windowMs: 15 * 60 * 1000,
  max: 100
})

app.use('/api/', limiter)

app.use((req, res, next) => {
  console.log(`${req.method} ${req.path} - ${Date.now()}`)
  next()
})

app.get('/api/users', async (req, res) => {
  const users = await db.query('SELECT * FROM users')
  res.json(users)
})

app.listen(3001)
";
const DATABASE: (&str, &str) = ("db.js", "import pg from 'pg'\n\nexport const db = new pg.Pool()\n");

const WALLS: &[Wall] = &[
    Wall {
        name: "a database client in a route",
        target: "vercel",
        files: &[NEXT, ("app/api/users/route.js", CLIENT_IN_ROUTE)],
        says: &[("app/api/users/route.js", "clients/prisma-client-unguarded-module", "new PrismaClient()")],
    },
    Wall {
        name: "a database client in a route, on a server of one's own",
        target: "node",
        files: &[NEXT, ("app/api/users/route.js", CLIENT_IN_ROUTE)],
        says: &[("app/api/users/route.js", "clients/prisma-client-unguarded-module", "new PrismaClient()")],
    },
    Wall {
        name: "one client, kept on the global object",
        target: "vercel",
        files: &[
            NEXT,
            ("tsconfig.json", r#"{ "compilerOptions": { "paths": { "@/*": ["./*"] } } }"#),
            ("lib/prisma.ts", SINGLETON),
            ("app/api/users/route.js", SHARED_CLIENT),
        ],
        says: &[],
    },
    Wall {
        name: "handlers that are at home in Next.js; only the body is written as it comes",
        target: "vercel",
        files: &[
            NEXT,
            ("jsconfig.json", r#"{ "compilerOptions": { "paths": { "@/*": ["./*"] } } }"#),
            ("lib/prisma.ts", SINGLETON),
            ("app/api/blogs/route.js", BLOGS),
        ],
        says: &[(
            "app/api/blogs/route.js",
            "security/unvalidated-body",
            "prisma.blog.create({ data: body })",
        )],
    },
    Wall {
        name: "a WebSocket server in a route",
        target: "vercel",
        files: &[NEXT, ("app/api/chat/route.js", SOCKETS_IN_ROUTE)],
        says: &[(
            "app/api/chat/route.js",
            "realtime/websocket-own-port",
            "new WebSocketServer({ port: 8080 })",
        )],
    },
    Wall {
        name: "a WebSocket server in a route, on a server of one's own",
        target: "node",
        files: &[NEXT, ("app/api/chat/route.js", SOCKETS_IN_ROUTE)],
        says: &[(
            "app/api/chat/route.js",
            "realtime/websocket-own-port",
            "new WebSocketServer({ port: 8080 })",
        )],
    },
    Wall {
        name: "WebSockets beside an Express application in one process",
        target: "express",
        files: &[EXPRESS, ("server.js", SOCKETS_BESIDE_EXPRESS)],
        says: &[],
    },
    Wall {
        name: "a middleware among the routes",
        target: "vercel",
        files: &[
            NEXT,
            ("app/api/middleware.js", MIDDLEWARE_AMONG_ROUTES),
            ("app/api/hello/route.js", "export const GET = () => Response.json({ ok: true })\n"),
        ],
        says: &[("app/api/middleware.js", "proxy/middleware-ignored-location", "middleware")],
    },
    Wall {
        name: "a chain of Express middleware with a limit in memory, in one process",
        target: "express",
        files: &[EXPRESS, DATABASE, ("server.js", EXPRESS_CHAIN)],
        says: &[],
    },
    Wall {
        name: "the same limit where several instances count",
        target: "vercel",
        files: &[EXPRESS, DATABASE, ("server.js", EXPRESS_CHAIN)],
        says: &[
            ("server.js", "express/rate-limit-setup", "rateLimit"),
            (
                "server.js",
                "state/in-memory-rate-limit",
                "rateLimit({\n  windowMs: 15 * 60 * 1000,\n  max: 100\n})",
            ),
        ],
    },
    Wall {
        name: "the same handler under Express 4, which does not look at promises",
        target: "express",
        files: &[EXPRESS_4, DATABASE, ("server.js", EXPRESS_CHAIN)],
        says: &[("server.js", "express/async-no-catch", "await db.query('SELECT * FROM users')")],
    },
];

/// A test for each.
pub(crate) fn trials(catalogue: &Arc<Catalogue>) -> impl Iterator<Item = Trial> + use<'_> {
    let walls = WALLS.iter().map(|wall| {
        let catalogue = Arc::clone(catalogue);
        Trial::test(format!("wall: {}, {}", wall.name, wall.target), move || stands(wall, &catalogue))
    });
    let own = Arc::clone(catalogue);
    walls.chain([Trial::test("lost work weighs less where its failure is caught", move || lost_work(&own))])
}

/// `send()` may throw, what follows it has somebody who sees to that.
const LOST_WORK: &str = "async function send() {
  await fetch('https://example.com')
}

async function log() {
  try {
    await send()
  } catch {}
}

export async function GET() {
  send()
  send().catch(console.error)
  send().then(() => console.log('sent'))
  log()
  return Response.json({ ok: true })
}
";

fn lost_work(catalogue: &Arc<Catalogue>) -> Result<(), Failed> {
    let project = TestProject::new(&[NEXT, ("app/api/a/route.js", LOST_WORK)]);
    let checked = Checked::new(&project, catalogue, Some("vercel"));
    let found = checked.project.paths().flat_map(|path| checked.project.findings(path));
    let found: Vec<(&str, Severity)> =
        found.map(|finding| (finding.span.of(LOST_WORK), finding.severity)).collect();
    let wanted = [
        ("send()", Severity::Error),
        ("send().catch(console.error)", Severity::Warning),
        ("send().then(() => console.log('sent'))", Severity::Error),
        ("log()", Severity::Warning),
    ];
    ensure(found == wanted, || format!("wanted {wanted:#?}\nfound {found:#?}"))
}

fn stands(wall: &Wall, catalogue: &Arc<Catalogue>) -> Result<(), Failed> {
    let project = TestProject::new(wall.files);
    let root = FilePath::new(project.root().to_str().ok_or("a temporary path is text")?);
    let checked = Checked::new(&project, catalogue, Some(wall.target));
    let loud = checked.project.paths().flat_map(|path| checked.project.findings(path));
    let loud = loud.filter(|finding| finding.severity >= Severity::Warning);
    let found: Vec<(String, String, String)> = loud
        .map(|finding| {
            let path = finding.path.strip(&root).unwrap_or_default().to_owned();
            let text = wall.files.iter().find(|(name, _)| *name == path).map_or("", |(_, text)| text);
            (path, finding.rule.to_string(), finding.span.of(text).to_owned())
        })
        .collect();
    let owned =
        |&(path, rule, code): &(&str, &str, &str)| (path.to_owned(), rule.to_owned(), code.to_owned());
    let wanted: Vec<(String, String, String)> = wall.says.iter().map(owned).collect();
    ensure(found == wanted, || format!("wanted {wanted:#?}\nfound {found:#?}"))
}
