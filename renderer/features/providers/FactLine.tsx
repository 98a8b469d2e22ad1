import { Copyable } from '../../components/CopyButton.tsx'

/** One line of a list of facts, to copy. */
export function FactLine({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <Copyable text={value} what={label} />
      </dd>
    </>
  )
}
