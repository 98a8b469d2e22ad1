import type { ConnectedKind } from '../kinds.ts'

/** What a person does to start a server of this kind; Berth never starts one by itself. */
export const howToStart: Readonly<Record<ConnectedKind, string>> = {
  ollama: 'Open the Ollama application, or run `ollama serve`.',
  lmstudio: 'In LM Studio: Developer page → Start server, or run `lms server start`.',
  openrouter: 'OpenRouter is a service on the internet: check the network connection.',
  'llama-server':
    'Run `llama-server --port 8080 -m FILE` for one model, or `llama-server --port 8080 --models-dir FOLDER` for several.',
  vllm: 'Run `vllm serve MODEL`; it answers when the model is loaded, which takes minutes.',
  lemonade: 'Start Lemonade from its menu or tray, or run `lemond`.',
  'llama-swap': 'Run `llama-swap --config config.yaml --listen 127.0.0.1:8080`.',
  openai: 'Start the server, and check the port in its address.',
}

/** Most servers take calls from their own machine alone until they are told otherwise. */
export const howToListen: Readonly<Record<ConnectedKind, string | null>> = {
  ollama: 'set OLLAMA_HOST=0.0.0.0 where Ollama starts',
  lmstudio: 'switch on "Serve on local network" in its server settings',
  openrouter: null,
  'llama-server': 'start it with `--host 0.0.0.0` and an `--api-key`',
  vllm: null,
  lemonade: 'start it with `--host 0.0.0.0`',
  'llama-swap': 'start it with `--listen :8080`',
  openai: null,
}
