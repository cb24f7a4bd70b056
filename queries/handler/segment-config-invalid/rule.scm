; The value cannot be read, or is none that the option has.
((export_statement
  declaration: (lexical_declaration
    kind: "const"
    (variable_declarator
      name: (identifier) @name
      value: (_) @value @at)))
  (#any-of? @name
    "dynamic" "dynamicParams" "ensureStatic" "fetchCache" "instant" "maxDuration" "preferredRegion" "prefetch"
    "revalidate" "runtime")
  (#segment-option? @name "value"))

; The option itself has no place here.
((export_statement
  declaration: (lexical_declaration
    kind: "const"
    (variable_declarator
      name: (identifier) @name @at
      value: (_) @value)))
  (#any-of? @name
    "config" "dynamic" "dynamicParams" "ensureStatic" "fetchCache" "instant" "preferredRegion" "prefetch"
    "revalidate" "runtime")
  (#segment-option? @name "name"))

; It stands in another file, maybe under another name.
([
  (export_statement
    (export_clause
      (export_specifier
        name: (identifier) @name @at))
    source: (string))
  (export_statement
    (export_clause
      (export_specifier
        alias: (identifier) @name @at))
    source: (string))
]
  (#any-of? @name
    "dynamic" "dynamicParams" "fetchCache" "preferredRegion" "revalidate" "runtime")
  (#segment-option? @name "name"))
