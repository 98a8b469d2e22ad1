import type { BenchmarkFormat } from '../../../../shared/contract/benchmarks.ts'

/** What a document is for, first what a person would choose. */
export const exportFormats: readonly { readonly format: BenchmarkFormat; readonly label: string }[] = [
  { format: 'markdown', label: 'A table to read and send on (Markdown)' },
  { format: 'csv', label: 'For a spreadsheet (CSV)' },
  { format: 'llama-bench', label: 'As llama-bench writes it (JSONL)' },
  { format: 'json', label: 'Everything, for Berth and programs (JSON)' },
]
