; `new PrismaClient()` that runs when its module is loaded, with nothing on `globalThis` looked at before,
; in a module that Next.js loads.
((new_expression) @at
  (#constructs? @at "prisma")
  (#scope? @at "module")
  (#reached-from? @at "next")
  (#not-per-request-host? @at)
  (#not-edge? @at))
