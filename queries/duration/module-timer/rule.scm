; `setInterval()`, `cron.schedule()`, `new Worker()` when a module is loaded that Next.js loads for requests.
([
  (call_expression)
  (new_expression)
] @at
  (#asks? @at "schedules-work")
  (#not-kept? @at)
  (#scope? @at "module")
  (#reached-from? @at "next")
  (#not-unrefs? @at))
