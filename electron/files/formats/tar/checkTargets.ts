import type { Findings } from '../findings.ts'

const harmless = [
  'nemo.',
  'torch.nn.',
  'torch.optim.',
  'omegaconf.',
  'pytorch_lightning.',
  'lightning.',
  'transformers.',
]
const harmful =
  /(^|\.)(os|subprocess|builtins|importlib|pickle|shutil|pathlib|webbrowser|ctypes|code|pty|socket|sys|runpy)(\.|$)/
const harmfulWords = /(eval|exec|system|popen|getattr|__import__|spawn)/i

/** Every `_target_` of a NeMo configuration is a Python name that gets imported and called (CVE-2025-23304). */
export const checkTargets = (yaml: string, safety: Findings): void => {
  let unknown = 0
  const targets = [...yaml.matchAll(/_target_["']?[ \t]{0,20}:[ \t]{0,20}["']?([\w.]{1,200})/g)].map(
    ([, name = '']) => name,
  )
  for (const target of targets) {
    if (harmful.test(target) || harmfulWords.test(target))
      safety.add('dangerous', 'hydra-target', `The configuration calls "${target}" when the model is loaded.`, {
        text: target,
      })
    else if (!harmless.some((prefix) => target.startsWith(prefix))) {
      unknown += 1
      safety.add(
        'unknown',
        'hydra-unknown-target',
        `The configuration calls "${target}", which Berth does not know, when the model is loaded.`,
        { text: target },
      )
    }
  }
  // a key in quotes with escapes, or a value on another line
  const isHidden = /"[^"\n]{0,200}\\[xuU]/.test(yaml) || yaml.split('_target_').length - 1 > targets.length
  if (isHidden)
    safety.add('unknown', 'hydra-not-read', 'The configuration is written so that not all it calls could be read.')
  else if (unknown === 0 && targets.length > 0)
    safety.passed('hydra-targets', `${targets.length} names of Python were looked at.`)
}
