; `globalForPrisma.prisma = prisma` below `if (process.env.NODE_ENV !== "production")`, in a module that
; more than one of the separate parts of a Next.js server loads.
((assignment_expression) @at
  (#guard-write-dev-only? @at)
  (#several-layers? @at)
  (#not-target? "cloudflare"))
