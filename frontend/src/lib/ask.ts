// Asking the program. What it cannot do comes back as a Problem, which is thrown.
//
//     await get("/machine")                                                Machine
//     await get("/wires/{wire}/messages", { wire, limit: 20 })             Message[]
//     await post("/wires/{wire}/orders", { wire }, { line: "cut" })        Wire
//
// Paths, parameters, bodies and answers are those of openapi.json, so the type checker says where the
// page asks for what the program does not have.

import type { paths, Problem } from "./shapes";

type Json<T> = { content: { "application/json": T } };
type Asking = { parameters: { path?: unknown; query?: unknown }; responses: { 200: Json<unknown> } };
type Method = "get" | "post";

/** Paths that are asked so, and answered as JSON. */
type Path<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, Asking> ? P : never }[keyof paths];
type Of<M extends Method, P extends Path<M>> = paths[P] extends Record<M, infer A extends Asking> ? A : never;

type Answer<A extends Asking> = A["responses"][200]["content"]["application/json"];
type In<A extends Asking, Place extends "path" | "query"> = [NonNullable<A["parameters"][Place]>] extends [never] ? object : NonNullable<A["parameters"][Place]>;

/** What stands behind the path: parameters where it has some, then a body where one is asked for. */
type Parameters<A extends Asking> = keyof In<A, "path"> extends never
  ? keyof In<A, "query"> extends never ? [] : [where?: In<A, "query">]
  : [where: In<A, "path"> & In<A, "query">];
type Body<A> = A extends { requestBody: Json<infer B> } ? [body: B] : [];

export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super([problem.sentence, problem.next_step].filter(Boolean).join(" "));
  }
}

export async function get<P extends Path<"get">>(path: P, ...[where]: Parameters<Of<"get", P>>): Promise<Answer<Of<"get", P>>> {
  return answer(address(path, where));
}

export async function post<P extends Path<"post">>(path: P, ...rest: [...Parameters<Of<"post", P>>, ...Body<Of<"post", P>>]): Promise<Answer<Of<"post", P>>> {
  const [where, body = {}] = path.includes("{") ? rest : [undefined, rest[0]];
  return answer(address(path, where), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** What the path has no place for goes into the query; of an object, each member. */
function address(path: string, where: object = {}): string {
  const left = new Map<string, unknown>(Object.entries(where));
  const filled = path.replace(/{(\w+)}/g, (_, name: string) => {
    const value = left.get(name);
    left.delete(name);
    return encodeURIComponent(String(value));
  });
  const query = new URLSearchParams();
  for (const [name, value] of left)
    for (const [key, one] of typeof value === "object" && value ? Object.entries(value) : [[name, value]]) query.append(String(key), String(one));
  return `/api${filled}${query.size ? `?${query}` : ""}`;
}

async function answer<T>(where: string, what?: RequestInit): Promise<T> {
  const response = await fetch(where, what).catch(() => {
    throw new Refused({ sentence: "The program does not answer.", next_step: "Is `cutaway up` still running?" });
  });
  if (response.ok) return response.json();
  let problem: Problem = { sentence: `The program answered ${response.status}.`, next_step: "" };
  try {
    problem = await response.json();
  } catch {
    // no Problem: the status says all there is
  }
  throw new Refused(problem);
}
