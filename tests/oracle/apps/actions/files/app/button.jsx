"use client";

import { like, renamed } from "../lib/client-actions";

export function Button() {
  return (
    <button onClick={() => like(1)} onDoubleClick={() => renamed(1)}>
      Like
    </button>
  );
}
