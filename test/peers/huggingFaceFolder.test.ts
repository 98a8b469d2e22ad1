import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inspectFolder } from '../../electron/files/formats/folder/inspectFolder.ts'
import { openFolderSource } from '../../electron/files/formats/folderSource.ts'
import { safetensorsFormat } from '../../electron/files/formats/safetensors/safetensorsFormat.ts'

const models = process.env.PEER_MODELS_DIR

/** Needs all-MiniLM-L6-v2 as it is on the hub, in the folder `minilm` beside the models. */
describe.skipIf(!models)(
  models ? 'a real model of the hub' : 'a real model at PEER_MODELS_DIR (not set: skipped)',
  () => {
    const path = join(models ?? '', '..', 'minilm')

    test('has no warnings, and facts as its own files say', async () => {
      const { summary, tensors, facts } = await inspectFolder(openFolderSource(path, basename(path)), [
        safetensorsFormat,
      ])
      expect(summary.checks.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
      const config = JSON.parse(await readFile(join(path, 'config.json'), 'utf8'))
      expect(summary).toMatchObject({
        format: 'sentence-transformers model',
        role: 'embedding',
        architecture: config.model_type,
        contextLength: JSON.parse(await readFile(join(path, 'sentence_bert_config.json'), 'utf8')).max_seq_length,
        license: 'apache-2.0',
        tokenizer: 'WordPiece',
        geometry: {
          blockCount: config.num_hidden_layers,
          embeddingLength: config.hidden_size,
          headCount: config.num_attention_heads,
          feedForwardLength: config.intermediate_size,
          vocabSize: config.vocab_size,
          causalAttention: false,
          poolingType: 1,
        },
      })
      // the published size of the model, without the list of positions
      expect(summary.parameterCount).toBe(22_713_216)
      const file = await stat(join(path, 'model.safetensors'))
      const header = (await readFile(join(path, 'model.safetensors'))).readUInt32LE(0)
      expect(summary.dataBytes).toBe(file.size - 8 - header)
      expect(tensors.find(({ name }) => name === 'embeddings.word_embeddings.weight')?.shape).toEqual([30_522, 384])
      expect(facts.flatMap((group) => group.facts).find(({ label }) => label === 'Pooling')?.value).toBe(
        'mean of all tokens',
      )
    })
  },
)
