; Elements that lead to a URL. The grammar of `.ts`, `.mts` and `.cts` has none.
[
  (jsx_opening_element)
  (jsx_self_closing_element)
] @element
