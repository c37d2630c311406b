import type { Grid, Heading, Listed, Paragraph, Quoted, StateTable } from "../lib/shapes";

export type Block = Paragraph | Heading | Listed | Grid | Quoted | StateTable;
