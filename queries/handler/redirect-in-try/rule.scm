; The remedy depends on the version: `unstable_rethrow` came with 15.
((call_expression
  function: (_) @callee) @at
  (#inside? @at "try_statement")
  (#swallowed? @at)
  (#means? @callee
    "next/navigation#redirect" "next/navigation#permanentRedirect" "next/navigation#notFound"
    "next/navigation#forbidden" "next/navigation#unauthorized")
  (#version? "next" ">=15.0.0")
  (#says? "Put `unstable_rethrow(error)` of `next/navigation` first in the `catch`."))

((call_expression
  function: (_) @callee) @at
  (#inside? @at "try_statement")
  (#swallowed? @at)
  (#means? @callee
    "next/navigation#redirect" "next/navigation#permanentRedirect" "next/navigation#notFound"
    "next/navigation#forbidden" "next/navigation#unauthorized")
  (#not-version? "next" ">=15.0.0")
  (#says? "Call it after the `try` block."))
